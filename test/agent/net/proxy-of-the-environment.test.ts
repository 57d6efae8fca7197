import { describe, expect, it } from 'vitest';
import { isExempt, parseProxy, proxyFor } from '../../../agent/src/net/proxy.ts';

const HTTPS = new URL('https://licensing.vendor.example/v1/licenses/renew');

describe('the proxy for a URL', () => {
  it('follows from the protocol; the lower case variable and anything that is given come first', () => {
    const env = {
      HTTPS_PROXY: 'http://upper:1',
      https_proxy: 'http://lower:2',
      HTTP_PROXY: 'http://plain:3',
    };
    expect(proxyFor(HTTPS, undefined, env)).toMatchObject({ host: 'lower', port: 2, source: 'HTTPS_PROXY' });
    expect(proxyFor(HTTPS, 'http://given', env)).toMatchObject({ host: 'given', port: 80 });
    expect(proxyFor(new URL('http://vendor.example/'), undefined, env)).toMatchObject({ host: 'plain' });
    expect(proxyFor(HTTPS, undefined, { HTTP_PROXY: 'http://plain:3', HTTPS_PROXY: ' ' })).toBeUndefined();
    expect(proxyFor(HTTPS, undefined, {})).toBeUndefined();
  });

  it('is none for this machine itself', () => {
    const env = { HTTPS_PROXY: 'http://p:1' };
    for (const host of ['localhost', 'x.localhost', '127.9.9.9', '[::1]']) {
      expect(proxyFor(new URL(`https://${host}/`), undefined, env)).toBeUndefined();
    }
    expect(proxyFor(new URL('https://localhost.example/'), undefined, env)).toBeDefined();
  });

  it.each([
    ['*', true],
    ['other.example, vendor.example', true],
    ['.vendor.example', true],
    ['*.vendor.example', true],
    ['LICENSING.Vendor.Example', true],
    ['licensing.vendor.example.', true],
    ['vendor.example:443', true],
    ['vendor.example:8443', false],
    ['dor.example', false],
    ['10.0.0.0/8 example.org', false],
    ['', false],
    [', ,', false],
    ['.', false],
  ])('NO_PROXY=%j exempts a name: %j', (noProxy, expected) => {
    expect(isExempt(HTTPS, noProxy)).toBe(expected);
  });

  it.each([
    ['https://10.1.2.3/', '10.0.0.0/8', true],
    ['https://10.1.2.3/', '10.1.2.3', true],
    ['https://10.1.2.3:8443/', '10.1.2.3:8443', true],
    ['https://11.1.2.3/', '10.0.0.0/8', false],
    ['https://10.1.2.3/', '10.0.0.0/99', false],
    ['https://10.1.2.3/', '10.0.0.0/', false],
    ['https://[fd00::1]/', 'fd00::/8', true],
    ['https://[fd00::1]:8443/', '[fd00::1]:8443', true],
    ['https://[fd00::1]/', '[fd00::1]:8443', false],
    ['https://[fd00::1]/', '10.0.0.0/8', false],
  ])('for %s, NO_PROXY=%s: %j', (url, noProxy, expected) => {
    expect(isExempt(new URL(url), noProxy)).toBe(expected);
  });

  it('may have a user without a password, or no scheme', () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(parseProxy('http://user@p:1', 'x').authorization).toBe(basic('user:'));
    expect(parseProxy('p:3128', 'x')).toEqual({ host: 'p', port: 3128, isSecure: false, source: 'x' });
    expect(parseProxy('https://[fd00::1]', 'x')).toMatchObject({
      host: 'fd00::1',
      port: 443,
      isSecure: true,
    });
    expect(parseProxy('http://us%C3%A9r:100%@p', 'x').authorization).toBe(basic('usér:100%'));
  });
});
