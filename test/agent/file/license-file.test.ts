import { createHmac, createSign } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKeySet, type KeySet } from '../../../agent/src/file/key-set.ts';
import {
  LicenseFileError,
  openLicenseFile,
  peekClaims,
  readLicenseFile,
} from '../../../agent/src/file/license-file.ts';
import { jwkOf } from '../../../lambdas/core/jws.ts';
import { p256Key, rsaKey, signedCompact, signedFile, type SigningKey } from '../../builders/signing-key.ts';
import { aFolder, someClaims, starterClaims } from './support.ts';

const ec = p256Key();
const rsa = rsaKey();
const stranger = p256Key();
let keys: KeySet;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-keys-'));
  const path = join(folder, 'jwks.json');
  writeFileSync(path, JSON.stringify({ keys: [jwkOf(ec.publicKey), jwkOf(rsa.publicKey)] }));
  keys = await readKeySet(path);
  rmSync(folder, { recursive: true });
});

const headerOf = ({ publicKey }: SigningKey, more: object = {}): string =>
  JSON.stringify({ alg: publicKey.alg, kid: publicKey.kid, typ: 'license+jwt', ...more });
const payload = JSON.stringify(someClaims());
const encoded = (text: string): string => Buffer.from(text).toString('base64url');

const reasonOf = async (text: string): Promise<string> => {
  try {
    await openLicenseFile(text, keys);
    return 'opened';
  } catch (error) {
    if (!(error instanceof LicenseFileError)) throw error;
    expect(error.message).not.toContain('Acme');
    return error.reason;
  }
};

describe('opening a license file', () => {
  it.each([
    ['ES256', ec],
    ['RS256', rsa],
  ])('gives the claims of a file signed with %s', async (_alg, key) => {
    const text = signedFile(someClaims(), key);
    const file = await openLicenseFile(text, keys);
    expect(file).toEqual({ text, kid: key.publicKey.kid, claims: someClaims() });
  });

  it('reads over white space and a byte order mark around it', async () => {
    const text = signedFile(someClaims(), ec);
    expect((await openLicenseFile(`\uFEFF \r\n${text}\r\n\n`, keys)).text).toBe(text);
  });

  it('opens starter files, and keeps claims that it does not know', async () => {
    const claims = { ...starterClaims(), future: { deep: [1] }, customer: { id: 'a', name: 'b', vat: 'c' } };
    const file = await openLicenseFile(signedFile(claims, ec), keys);
    expect(file.claims).toEqual(claims);
    expect(file.claims.host).toBeUndefined();
  });

  it.each([
    ['r', 0],
    ['s', 32],
  ])('opens a file of which the %s of the signature is short', async (_name, offset) => {
    for (let serial = 0; ; serial += 1) {
      const text = signedFile(someClaims({ jti: `serial-${serial}` }), ec);
      const signature = Buffer.from(text.split('.')[2]!, 'base64url');
      expect(signature).toHaveLength(64);
      if (signature[offset] !== 0) continue;
      expect(await reasonOf(text)).toBe('opened');
      return;
    }
  });

  it('says what is wrong with a text that is none', async () => {
    const text = signedFile(someClaims(), ec);
    const [header, body, signature] = text.split('.');
    const garbled = Buffer.concat([Buffer.from('{"iss":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const wrong = [
      '',
      ' \n',
      'null',
      '<html><body>Please log in</body></html>',
      '{"message":"Forbidden"}',
      `${header}.${body}`,
      `${header}.${body}.`,
      `${text}.${signature}`,
      `${header}..${signature}`,
      `${text}=`,
      text.replace('.', '. '),
      text.replace(/./g, '$&\0'),
      `${encoded('[1,2,3]')}.${body}.${signature}`,
      `${encoded('null')}.${body}.${signature}`,
      signedCompact(headerOf(ec, { jwk: jwkOf(stranger.publicKey) }), payload, ec),
      signedCompact(headerOf(ec, { crit: ['b64'], b64: false }), payload, ec),
      signedCompact(headerOf(ec, { typ: 'JWT' }), payload, ec),
      signedCompact(headerOf(ec, { kid: 5 }), payload, ec),
      signedCompact(headerOf(ec), 'no JSON', ec),
      signedCompact(headerOf(ec), '[]', ec),
      signedCompact(headerOf(ec), garbled.toString('latin1'), ec),
    ];
    for (const one of wrong) expect([one, await reasonOf(one)]).toEqual([one, 'not-a-license']);
  });

  it('takes no other signature than that of the pinned key with its algorithm', async () => {
    const input = `${encoded(headerOf(ec))}.${encoded(payload)}`;
    const der = createSign('sha256').update(input).sign(ec.privateKey).toString('base64url');
    const asHmac = `${encoded(headerOf(rsa, { alg: 'HS256' }))}.${encoded(payload)}`;
    const pem = rsa.publicKey.key.export({ format: 'pem', type: 'spki' });
    const wrong = [
      `${encoded(headerOf(ec, { alg: 'none' }))}.${encoded(payload)}.${encoded('x')}`,
      `${asHmac}.${createHmac('sha256', pem).update(asHmac).digest('base64url')}`,
      signedCompact(headerOf(ec), payload, stranger),
      signedCompact(headerOf(ec, { kid: rsa.publicKey.kid }), payload, ec),
      signedCompact(headerOf(rsa, { kid: ec.publicKey.kid }), payload, rsa),
      `${input}.${der}`,
      `${input}.${Buffer.alloc(64).toString('base64url')}`,
    ];
    for (const one of wrong) expect([one, await reasonOf(one)]).toEqual([one, 'bad-signature']);
    expect(await reasonOf(signedFile(someClaims(), stranger))).toBe('unknown-key');
  });

  it('opens at most 16 KiB', async () => {
    const sized = (length: number): string => {
      const text = signedFile({ ...someClaims(), pad: '' }, rsa);
      const padded = signedFile(
        { ...someClaims(), pad: 'x'.repeat(Math.floor(((length - text.length) / 4) * 3)) },
        rsa,
      );
      return padded;
    };
    expect(sized(16_384).length).toBeLessThanOrEqual(16_384);
    expect(sized(16_384).length).toBeGreaterThan(16_380);
    expect(await reasonOf(sized(16_384))).toBe('opened');
    expect(await reasonOf(sized(16_392))).toBe('too-large');
    expect(await reasonOf('x'.repeat(5_000_000))).toBe('too-large');
  });

  it('opens no text in which one character differs', async () => {
    const text = signedFile(someClaims(), ec);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \u00e9';
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom(...Array.from(characters)),
        fc.constantFrom('replace', 'insert', 'remove'),
        async (at, character, how) => {
          const rest = text.slice(how === 'insert' ? at : at + 1);
          const changed = text.slice(0, at) + (how === 'remove' ? '' : character) + rest;
          fc.pre(changed.trim() !== text);
          expect(await reasonOf(changed)).not.toBe('opened');
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('never fails otherwise than with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json().map((json) => signedCompact(headerOf(ec), json, ec)),
          fc.json().map((json) => `${encoded(json)}.${encoded(json)}.${encoded(json)}`),
        ),
        async (text) => {
          expect(await reasonOf(text)).toBe('not-a-license');
        },
      ),
    );
  });

  const good = someClaims();
  it.each<[string, object]>([
    ['iss', { iss: 1 }],
    ['iss', { iss: undefined }],
    ['sub', { sub: '' }],
    ['sub', { sub: 'a'.repeat(257) }],
    ['sub', { sub: 'a\u001b[2J' }],
    ['jti', { jti: 'a\u202eb' }],
    ['seq', { seq: -1 }],
    ['seq', { seq: 1.5 }],
    ['seq', { seq: '7' }],
    ['seq', { seq: 2 ** 53 }],
    ['iat', { iat: null }],
    ['exp', { exp: 1e15 }],
    ['exp', { exp: -1 }],
    ['customer', { customer: 'acme' }],
    ['customer.name', { customer: { id: 'acme' } }],
    ['product', { product: ['ES'] }],
    ['installation', { installation: undefined }],
    ['host', { host: null }],
    ['host.id', { host: { id: 'H 1' } }],
    ['host.id', { host: { id: 'H'.repeat(129) } }],
    ['host.name', { host: { id: 'H-1', name: 1 } }],
    ['contracts', { contracts: {} }],
    ['a contract', { contracts: [null] }],
    ['contracts.endsAt', { contracts: [{ id: 'c', endsAt: 'never' }] }],
    ['entitledUntil', { entitledUntil: null }],
    ['options', { options: undefined }],
    ['options.quantity', { options: [{ ...good.options[0], quantity: -1 }] }],
    ['options.until', { options: [{ ...good.options[0], until: undefined }] }],
    ['renewal', { renewal: undefined }],
    ['renewal.url', { renewal: { url: 'file:///etc/passwd', everySeconds: 1 } }],
    ['renewal.url', { renewal: { url: 'nowhere', everySeconds: 1 } }],
    ['renewal.everySeconds', { renewal: { ...good.renewal, everySeconds: 0 } }],
  ])('refuses a wrong claim by its name: %s in %j', async (claim, wrong) => {
    const text = signedFile({ ...good, ...wrong }, ec);
    await expect(openLicenseFile(text, keys)).rejects.toMatchObject({
      reason: 'not-a-license',
      message: expect.stringContaining(`: ${claim} `) as unknown,
    });
  });

  it('takes from names what could steer a terminal', async () => {
    const names = { customer: { id: 'a', name: 'A\u001b[31mcme\n' }, host: { id: 'H', name: '\u009bx' } };
    const { claims } = await openLicenseFile(signedFile({ ...someClaims(), ...names }, ec), keys);
    expect(claims.customer.name).toBe('A?[31mcme?');
    expect(claims.host?.name).toBe('?x');
  });
});

describe('looking into a file without the keys', () => {
  it('shows the claims and says that nothing is proven', () => {
    const text = signedFile(someClaims(), stranger);
    expect(peekClaims(`${text}\n`)).toEqual({
      verified: false,
      alg: 'ES256',
      kid: stranger.publicKey.kid,
      claims: someClaims(),
    });
    expect(() => peekClaims('no file')).toThrow(LicenseFileError);
  });
});

describe('reading the license file on the disk', () => {
  const stored = (content: string | Buffer): string => {
    const path = join(aFolder(), 'product.lic');
    writeFileSync(path, content);
    return path;
  };

  it('gives the genuine file', async () => {
    const text = signedFile(someClaims(), ec);
    expect((await readLicenseFile(stored(`${text}\n`), keys)).text).toBe(text);
  });

  it('is missing, with advice', async () => {
    const path = join(aFolder(), 'product.lic');
    await expect(readLicenseFile(path, keys)).rejects.toMatchObject({
      code: 'file-missing',
      advice: expect.stringContaining('as the vendor delivered it') as unknown,
    });
    writeFileSync(`${path}.previous`, 'x');
    await expect(readLicenseFile(path, keys)).rejects.toMatchObject({
      code: 'file-missing',
      advice: expect.stringContaining(`copy ${path}.previous to ${path}`) as unknown,
    });
  });

  it('is damaged, and the previous one is named where there is one', async () => {
    const text = signedFile(someClaims(), ec);
    for (const wrong of [
      '',
      text.slice(0, 200),
      'x'.repeat(20_000),
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
    ]) {
      const path = stored(wrong);
      writeFileSync(`${path}.previous`, text);
      await expect(readLicenseFile(path, keys)).rejects.toMatchObject({
        code: 'file-damaged',
        advice: expect.stringContaining(`${path}.previous`) as unknown,
      });
    }
    await expect(readLicenseFile(stored(Buffer.from(text, 'utf16le')), keys)).rejects.toThrow(/UTF-16/);
  });

  it('of an unknown key asks for the key set and not for another file', async () => {
    const path = stored(signedFile(someClaims(), stranger));
    await expect(readLicenseFile(path, keys)).rejects.toMatchObject({
      code: 'file-damaged',
      advice: expect.stringContaining('key set') as unknown,
    });
  });

  it('is unreadable where it is a folder or behind rights', async () => {
    const path = join(aFolder(), 'product.lic');
    mkdirSync(path);
    await expect(readLicenseFile(path, keys)).rejects.toMatchObject({ code: 'file-unreadable' });
    const closed = stored('x');
    chmodSync(closed, 0);
    // Root may read it all the same.
    const code = process.getuid?.() === 0 ? 'file-damaged' : 'file-unreadable';
    await expect(readLicenseFile(closed, keys)).rejects.toMatchObject({ code });
  });
});
