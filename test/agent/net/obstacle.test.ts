import { describe, expect, it } from 'vitest';
import { errors } from 'undici';
import { EXIT, exitCodeOfObstacle } from '../../../agent/src/exit-codes.ts';
import { ConnectionError } from '../../../agent/src/net/connection.ts';
import { adviceOn, classify } from '../../../agent/src/net/obstacle.ts';
import type { Obstacle } from '../../../agent/src/outcome.ts';

const coded = (code: string, message = 'it failed', cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code });
const obstacleOf = (error: unknown): Obstacle => classify(error, 'a.example:443').obstacle;

describe('an error of the network', () => {
  it.each<[Obstacle, readonly string[]]>([
    ['dns', ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL']],
    ['connect', ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']],
    ['timeout', ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']],
    [
      'tls',
      [
        'CERT_HAS_EXPIRED',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'ERR_TLS_CERT_ALTNAME_INVALID',
        'ERR_SSL_WRONG_VERSION_NUMBER',
        'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED',
        'EPROTO',
      ],
    ],
    ['http', ['HPE_INVALID_CONSTANT', 'UND_ERR_HEADERS_OVERFLOW', 'SOMETHING_NEW']],
  ])('is %s by its code, however deep it lies', (obstacle, codes) => {
    for (const code of codes) {
      expect(obstacleOf(coded(code))).toBe(obstacle);
      expect(obstacleOf(new TypeError('fetch failed', { cause: coded(code) }))).toBe(obstacle);
      expect(obstacleOf(new AggregateError([coded(code), coded(code)]))).toBe(obstacle);
    }
  });

  it('is classified as undici itself makes it', () => {
    expect(obstacleOf(new errors.ConnectTimeoutError())).toBe('timeout');
    expect(obstacleOf(new errors.SocketError('other side closed'))).toBe('connect');
    expect(obstacleOf(new DOMException('late', 'TimeoutError'))).toBe('timeout');
  });

  it('of several addresses is told by the one that answered', () => {
    const both = [coded('ETIMEDOUT'), coded('ECONNREFUSED')];
    expect(obstacleOf(new AggregateError(both))).toBe('connect');
    expect(obstacleOf(new AggregateError([coded('ETIMEDOUT'), coded('ETIMEDOUT')]))).toBe('timeout');
  });

  it('is a matter of the proxy whenever the proxy was asked', () => {
    for (const step of ['resolve', 'connect', 'tunnel', 'handshake'] as const) {
      for (const cause of [coded('ENOTFOUND'), coded('ECONNREFUSED'), coded('CERT_HAS_EXPIRED'), 'odd']) {
        expect(obstacleOf(new ConnectionError({ step, to: 'proxy', peer: 'p:1' }, { cause }))).toBe('proxy');
      }
      const late = new ConnectionError({ step, to: 'proxy', peer: 'p:1' }, { timedOutAfter: 10 });
      expect(classify(late, 'a').detail).toMatch(/^the proxy p(:1)? .* within 10 s$/);
    }
  });

  it('names a name server that does not answer as dns, not as a time-out', () => {
    const late = new ConnectionError(
      { step: 'resolve', to: 'service', peer: 'a:443' },
      { timedOutAfter: 10 },
    );
    expect(classify(late, 'a')).toEqual({ obstacle: 'dns', detail: 'a was not resolved within 10 s' });
  });

  it('names the alert that ended a handshake', () => {
    const message =
      '40B:error:0A000419:SSL routines:ssl3_read_bytes:tlsv1 alert access denied:../ssl/rec.c:1605:';
    expect(classify(coded('ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', message), 'a:443').detail).toBe(
      'no TLS with a:443: tlsv1 alert access denied',
    );
  });

  it('is one short printable line, whatever it is made of', () => {
    const circle = new Error('a\nb');
    circle.cause = circle;
    for (const odd of [
      circle,
      null,
      undefined,
      'text',
      7,
      {},
      coded('\u001b[2J'),
      new Error('\u001b'.repeat(9000)),
    ]) {
      const { obstacle, detail } = classify(odd, 'a:443');
      expect(obstacle).toBe('http');
      expect(detail).toMatch(/^[^\p{Cc}]{1,300}$/u);
    }
  });

  it('comes with advice and an exit code of its own', () => {
    const all: readonly Obstacle[] = ['dns', 'connect', 'timeout', 'tls', 'proxy', 'http'];
    expect(new Set(all.map(adviceOn)).size).toBe(all.length);
    for (const one of all) {
      expect(adviceOn(one)).toMatch(/^[^\n]+\.$/);
      expect(exitCodeOfObstacle(one)).toBe(EXIT[one]);
    }
  });
});
