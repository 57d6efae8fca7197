import { createHmac, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { calculateJwkThumbprint, compactVerify, exportJWK, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { headerText } from '../../lambdas/core/license-composition.ts';
import { compactOf, derToRaw, jwkOf, openCompact, publicKeyFromDer } from '../../lambdas/core/jws.ts';
import { p256Key, ringOf, rsaKey, signedCompact, type SigningKey } from '../builders/signing-key.ts';

const ec = p256Key();
const rsa = rsaKey();
const stranger = p256Key();
const keys = ringOf(ec, rsa);

const payload = JSON.stringify({ sub: 'license-1', seq: 7 });
const header = (changes: Record<string, unknown> = {}, key: SigningKey = ec): string =>
  JSON.stringify({ alg: key.publicKey.alg, kid: key.publicKey.kid, typ: 'license+jwt', ...changes });
const base64url = (content: string | Uint8Array): string => Buffer.from(content).toString('base64url');
const open = (text: string) => openCompact(text, keys).kind;

/** The three segments of a genuine file, to be changed one by one. */
const genuine = signedCompact(header(), payload, ec);
const [headerSegment = '', payloadSegment = '', signatureSegment = ''] = genuine.split('.');

/** DER of an ECDSA signature, with the minimal integers that X.690 asks for. */
function derOf(r: bigint, s: bigint): Buffer {
  const integer = (value: bigint): Buffer => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    const body = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(0x02, body.length), body]);
  };
  const content = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

/** Whether an integer of a DER signature has lost leading zeros. */
const shortIntegersOf = (der: Buffer): { r: boolean; s: boolean } => {
  const rLength = der[3] ?? 0;
  return { r: rLength < 32, s: (der[5 + rLength] ?? 0) < 32 };
};

describe('an ECDSA signature turned from DER to raw', () => {
  it('verifies with node and with jose, 5,000 times, short integers on either side included', async () => {
    const verifier = await importJWK(await exportJWK(ec.publicKey.key), 'ES256');
    const seen = { shortR: 0, shortS: 0 };
    for (let count = 0; count < 5000; count += 1) {
      const text = JSON.stringify({ count });
      const input = `${base64url(header())}.${base64url(text)}`;
      const der = sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'der' });
      const short = shortIntegersOf(der);
      seen.shortR += Number(short.r);
      seen.shortS += Number(short.s);

      const raw = derToRaw(der);

      expect(raw).toHaveLength(64);
      const key = { key: ec.publicKey.key, dsaEncoding: 'ieee-p1363' } as const;
      expect(verify('sha256', Buffer.from(input), key, raw)).toBe(true);
      const { payload: verified } = await compactVerify(compactOf(header(), text, raw), verifier);
      expect(Buffer.from(verified).toString()).toBe(text);
    }
    // 1 in 256 each: none among 5,000 has a probability below 1e-8, so the run really had them.
    expect(seen.shortR).toBeGreaterThan(0);
    expect(seen.shortS).toBeGreaterThan(0);
  });

  it('keeps the value of every integer, whatever number of leading zeros it has', () => {
    const integer = fc
      .tuple(fc.integer({ min: 1, max: 256 }), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }))
      .map(([bits, value]) => (value >> BigInt(256 - bits)) + 1n)
      .filter((value) => value < 2n ** 256n);
    fc.assert(
      fc.property(integer, integer, (r, s) => {
        const expected = r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0');
        expect(Buffer.from(derToRaw(derOf(r, s))).toString('hex')).toBe(expected);
      }),
      {
        numRuns: 2000,
        examples: [
          [1n, 1n],
          [2n ** 255n, 1n],
          [1n, 2n ** 255n],
          [2n ** 256n - 1n, 127n],
          [128n, 255n],
        ],
      },
    );
  });

  const good = derOf(2n ** 200n, 2n ** 255n + 5n);
  it.each([
    ['nothing', Buffer.of()],
    ['only the tag', Buffer.of(0x30)],
    ['an empty sequence', Buffer.of(0x30, 0)],
    ['another tag than SEQUENCE', Buffer.concat([Buffer.of(0x31), good.subarray(1)])],
    ['another tag than INTEGER', Buffer.from(good).fill(0x03, 2, 3)],
    ['a missing byte', good.subarray(0, -1)],
    ['a byte behind the sequence', Buffer.concat([good, Buffer.of(0)])],
    ['a byte behind s inside the sequence', Buffer.from('300702010102010100', 'hex')],
    ['one integer only', Buffer.from('3003020101', 'hex')],
    ['three integers', Buffer.from('3009020101020101020101', 'hex')],
    ['a sequence that claims more bytes than there are', Buffer.from('3007020101020101', 'hex')],
    ['a sequence that claims fewer bytes than there are', Buffer.from('3005020101020101', 'hex')],
    ['an empty r', Buffer.from('30050200020101', 'hex')],
    ['an empty s', Buffer.from('30050201010200', 'hex')],
    ['an r that claims more bytes than there are', Buffer.from('3006027f01020101', 'hex')],
    ['an s that claims more bytes than there are', Buffer.from('3006020101027f01', 'hex')],
    ['an r of 33 bytes', derOf(2n ** 256n, 1n)],
    ['an s of 33 bytes', derOf(1n, 2n ** 263n)],
    ['the long form of a length', Buffer.from('308106020101020101', 'hex')],
    ['a raw signature of 64 bytes', Buffer.alloc(64, 7)],
  ])('is refused as a TypeError where it is %s', (_name, der) => {
    expect(() => derToRaw(der)).toThrow(TypeError);
  });

  it('is refused with nothing but a TypeError, whatever the bytes', () => {
    const almostDer = fc
      .tuple(fc.constant(good), fc.nat({ max: good.length - 1 }), fc.integer({ min: 0, max: 255 }))
      .map(([bytes, position, value]) => Buffer.from(bytes).fill(value, position, position + 1));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), almostDer), (bytes) => {
        try {
          expect(derToRaw(bytes)).toHaveLength(64);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a public key', () => {
  it('has the RFC 7638 thumbprint that jose calculates as its kid', async () => {
    const signingKeys = [rsa, ...Array.from({ length: 50 }, p256Key)];
    for (const { publicKey } of signingKeys) {
      expect(publicKey.kid).toBe(await calculateJwkThumbprint(await exportJWK(publicKey.key), 'sha256'));
    }
  });

  it.each(['ES256', 'RS256'] as const)(
    'is published as a JWK from which jose verifies a file, %s',
    async (alg) => {
      const key = alg === 'ES256' ? ec : rsa;
      const jwk = jwkOf(key.publicKey) as JWK;
      const file = signedCompact(headerText(key.publicKey), payload, key);

      const verified = await compactVerify(file, await importJWK(jwk), { algorithms: [alg] });

      expect(Buffer.from(verified.payload).toString()).toBe(payload);
      expect(verified.protectedHeader).toEqual({ alg, kid: key.publicKey.kid, typ: 'license+jwt' });
      expect(jwk).toMatchObject({ alg, kid: key.publicKey.kid, use: 'sig' });
    },
  );

  it('is published without any private member', () => {
    for (const { publicKey } of [ec, rsa]) {
      expect(
        Object.keys(jwkOf(publicKey)).filter((name) => ['d', 'p', 'q', 'k', 'dp', 'dq', 'qi'].includes(name)),
      ).toEqual([]);
    }
  });

  it.each([
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
    ['Ed25519', generateKeyPairSync('ed25519')],
  ])('is refused where its kind is %s', (_name, pair) => {
    const der = pair.publicKey.export({ format: 'der', type: 'spki' });
    expect(() => publicKeyFromDer(der)).toThrow(TypeError);
  });
});

describe('a compact file', () => {
  it.each(['ES256', 'RS256'] as const)('opens where our key signed it, %s', (alg) => {
    const key = alg === 'ES256' ? ec : rsa;
    const file = signedCompact(headerText(key.publicKey), payload, key);
    expect(openCompact(file, keys)).toEqual({ kind: 'genuine', payload: JSON.parse(payload) as unknown });
  });

  it('opens with the members of the header in any order', () => {
    const { kid, alg } = ec.publicKey;
    expect(open(signedCompact(JSON.stringify({ typ: 'license+jwt', kid, alg }), payload, ec))).toBe(
      'genuine',
    );
  });

  const pem = ec.publicKey.key.export({ format: 'pem', type: 'spki' }).toString();
  const strangerHeader = { jwk: jwkOf(stranger.publicKey) };
  const forgeries: readonly (readonly [string, string])[] = [
    [
      'alg none with a signature of ours',
      `${base64url(header({ alg: 'none' }))}.${payloadSegment}.${signatureSegment}`,
    ],
    ['alg none, signed by us', signedCompact(header({ alg: 'none' }), payload, ec)],
    ...[pem, ec.publicKey.key.export({ format: 'der', type: 'spki' })].map((secret, index) => {
      const input = `${base64url(header({ alg: 'HS256' }))}.${payloadSegment}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      return [
        `HS256 with our public key as the secret (${index === 0 ? 'PEM' : 'DER'})`,
        `${input}.${mac}`,
      ] as const;
    }),
    ['a key in jwk', signedCompact(header(strangerHeader), payload, stranger)],
    [
      'a key in jwk and its own kid',
      signedCompact(header({ ...strangerHeader, kid: stranger.publicKey.kid }), payload, stranger),
    ],
    ['a jwk in the place of the kid', signedCompact(header({ kid: strangerHeader.jwk }), payload, stranger)],
    ['an x5c chain', signedCompact(header({ x5c: [base64url('certificate')] }), payload, stranger)],
    [
      'a jku address',
      signedCompact(header({ jku: 'https://attacker.example/jwks.json' }), payload, stranger),
    ],
    ["our kid and a stranger's signature", signedCompact(header(), payload, stranger)],
    ['an unknown kid', signedCompact(header({}, stranger), payload, stranger)],
    ['no kid', signedCompact(header({ kid: undefined }), payload, ec)],
    ['a kid that is no text', signedCompact(header({ kid: 7 }), payload, ec)],
    ...['__proto__', 'constructor', 'toString', ''].map(
      (kid) =>
        [
          `the kid "${kid}"`,
          signedCompact(`{"alg":"ES256","kid":"${kid}","typ":"license+jwt"}`, payload, stranger),
        ] as const,
    ),
    ['a header whose members are inherited', signedCompact(`{"__proto__":${header()}}`, payload, ec)],
    ['jwk beside a true signature of ours', signedCompact(header({ jwk: jwkOf(ec.publicKey) }), payload, ec)],
    ['one more member in the header', signedCompact(header({ zip: 'DEF' }), payload, ec)],
    ['__proto__ as one more member', signedCompact(header().replace('{', '{"__proto__":{},'), payload, ec)],
    ['crit', signedCompact(header({ crit: ['exp'], exp: 1 }), payload, ec)],
    ['an empty crit', signedCompact(header({ crit: [] }), payload, ec)],
    ['typ JWT', signedCompact(header({ typ: 'JWT' }), payload, ec)],
    ['typ in capitals', signedCompact(header({ typ: 'LICENSE+JWT' }), payload, ec)],
    [
      'typ missing and another member instead',
      signedCompact(header({ typ: undefined, cty: 'license+jwt' }), payload, ec),
    ],
    ['no typ', signedCompact(header({ typ: undefined }), payload, ec)],
    [
      'an ES256 header over an RSA signature of ours',
      signedCompact(header({ kid: rsa.publicKey.kid }), payload, rsa),
    ],
    ['an ES256 header with our P-256 kid over an RSA signature', signedCompact(header(), payload, rsa)],
    ['an RS256 header over a P-256 signature of ours', signedCompact(header({ alg: 'RS256' }), payload, ec)],
    ['an RS256 header with our RSA kid over a P-256 signature', signedCompact(header({}, rsa), payload, ec)],
    ['another algorithm of the same key type', signedCompact(header({ alg: 'ES384' }), payload, ec)],
    ['a tampered payload', `${headerSegment}.${base64url(payload.replace('7', '8'))}.${signatureSegment}`],
    [
      'the payload of another file of ours',
      `${headerSegment}.${base64url('{}')}.${signedCompact(header(), payload, ec).split('.')[2] ?? ''}`,
    ],
    [
      'a header with alg twice, none first',
      `${base64url(header().replace('{', '{"alg":"none",'))}.${payloadSegment}.${signatureSegment}`,
    ],
    [
      'a header with kid twice, signed by a stranger',
      signedCompact(header().replace('{', `{"kid":"${stranger.publicKey.kid}",`), payload, stranger),
    ],
    [
      "a header with kid twice, the stranger's last",
      signedCompact(header().replace('}', `,"kid":"${stranger.publicKey.kid}"}`), payload, stranger),
    ],
    [
      'the same header with a space in it',
      `${base64url(header().replace(',', ', '))}.${payloadSegment}.${signatureSegment}`,
    ],
    [
      'a DER signature',
      `${headerSegment}.${payloadSegment}.${base64url(sign('sha256', Buffer.from(`${headerSegment}.${payloadSegment}`), ec.privateKey))}`,
    ],
    ['a signature of zeros', compactOf(header(), payload, Buffer.alloc(64))],
    ['a signature of one byte', compactOf(header(), payload, Buffer.of(1))],
    [
      'a signature cut by one byte',
      compactOf(header(), payload, Buffer.from(signatureSegment, 'base64url').subarray(0, -1)),
    ],
    [
      'a signature with a byte more',
      compactOf(header(), payload, Buffer.concat([Buffer.from(signatureSegment, 'base64url'), Buffer.of(0)])),
    ],
  ];
  it.each(forgeries)('is not genuine: %s', (_name, text) => {
    expect(open(text)).toBe('not-genuine');
  });

  /** The next character of the alphabet: in the last position of a segment it differs in bits that carry nothing. */
  const withTrailingBits = (segment: string): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return segment.slice(0, -1) + alphabet.charAt(alphabet.indexOf(segment.slice(-1)) + 1);
  };
  it('has another text under the same bytes when trailing bits are set, which is what the next test presents', () => {
    expect(Buffer.from(withTrailingBits(signatureSegment), 'base64url')).toEqual(
      Buffer.from(signatureSegment, 'base64url'),
    );
  });

  const padded = base64url(JSON.stringify({ pad: 'x' }));
  const malformed: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['one word', 'license'],
    ['two segments', `${headerSegment}.${payloadSegment}`],
    ['an extra segment', `${genuine}.${signatureSegment}`],
    ['an extra empty segment', `${genuine}.`],
    ['a JWE of five segments', `${genuine}.${payloadSegment}.${signatureSegment}`],
    ['an empty header', `.${payloadSegment}.${signatureSegment}`],
    ['an empty payload', `${headerSegment}..${signatureSegment}`],
    ['an empty signature', `${headerSegment}.${payloadSegment}.`],
    ['alg none without a signature', `${base64url(header({ alg: 'none' }))}.${payloadSegment}.`],
    ['only dots', '..'],
    [
      'trailing bits in the signature',
      `${headerSegment}.${payloadSegment}.${withTrailingBits(signatureSegment)}`,
    ],
    ['padding in the signature', `${genuine}==`],
    ['padding in the payload', `${headerSegment}.${padded}==.${signatureSegment}`],
    ['the alphabet of plain base64', `${headerSegment}.${payloadSegment}.${signatureSegment.slice(0, -2)}+/`],
    ['whitespace around a dot', `${headerSegment} .${payloadSegment}.${signatureSegment}`],
    [
      'a line break inside',
      `${headerSegment}.${payloadSegment.slice(0, 5)}\n${payloadSegment.slice(5)}.${signatureSegment}`,
    ],
    ['whitespace behind', `${genuine} `],
    ['a header that is no JSON', `${base64url('{')}.${payloadSegment}.${signatureSegment}`],
    ['a header that is a list', `${base64url('[1,2,3]')}.${payloadSegment}.${signatureSegment}`],
    ['a header that is null', `${base64url('null')}.${payloadSegment}.${signatureSegment}`],
    ['a header that is a text', `${base64url('"ES256"')}.${payloadSegment}.${signatureSegment}`],
    [
      'the JSON serialization',
      JSON.stringify({ protected: headerSegment, payload: payloadSegment, signature: signatureSegment }),
    ],
  ];
  it.each(malformed)('is malformed: %s', (_name, text) => {
    expect(open(text)).toBe('malformed');
  });

  it('is never genuine when cut anywhere', () => {
    for (let length = 0; length < genuine.length; length += 1) {
      expect(open(genuine.slice(0, length))).not.toBe('genuine');
    }
  });

  it('is never genuine when any one character is changed', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: genuine.length - 1 }),
        fc.constantFrom('A', 'Q', 'g', 'w', '_', '-', '.', '=', '0', ' ', '\n'),
        (position, character) => {
          fc.pre(genuine[position] !== character);
          expect(open(genuine.slice(0, position) + character + genuine.slice(position + 1))).not.toBe(
            'genuine',
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never throws and is never genuine, whatever bytes are sent', () => {
    const segment = fc.uint8Array({ maxLength: 80 }).map((bytes) => base64url(bytes));
    const headers = fc.oneof(
      segment,
      fc.json().map(base64url),
      fc.constantFrom(headerSegment, base64url(header({}, rsa)), base64url(header({ alg: 'none' }))),
    );
    const signatures = fc.oneof(
      segment,
      fc.uint8Array({ minLength: 60, maxLength: 300 }).map((bytes) => base64url(bytes)),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.tuple(headers, segment, signatures).map((segments) => segments.join('.')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(open(text)).not.toBe('genuine');
      }),
      { numRuns: 3000 },
    );
  });

  it('is not genuine without any key, and nothing throws', () => {
    expect(openCompact(genuine, new Map())).toEqual({ kind: 'not-genuine' });
  });

  it('opens whatever it carries, and leaves the judgement on the payload to the reader of license files', () => {
    expect(openCompact(signedCompact(header(), 'no JSON', ec), keys)).toEqual({
      kind: 'genuine',
      payload: undefined,
    });
  });
});
