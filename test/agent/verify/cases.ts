import { createHmac } from 'node:crypto';
import { compactOf, signingInputOf, type Algorithm, type KeyRing } from '../../../lambdas/core/jws.ts';
import { openCompact } from '../../../lambdas/core/jws.ts';
import { headerText } from '../../../lambdas/core/license-composition.ts';
import { someClaims, starterClaims } from '../../builders/genuine-file.ts';
import {
  p256Key,
  ringOf,
  rsaKey,
  signatureOf,
  signedCompact,
  signedFile,
  type SigningKey,
} from '../../builders/signing-key.ts';
import { fileOfShape, fileOfTwoShort, type Shape } from './short-signatures.ts';

/** What the commands on the page ask for. */
export const ISSUER = 'https://licensing.vendor.example';
export const PRODUCT = 'ES';
export const HOST = 'H-1';

/** All that a shell, a regular expression or a JSON text could trip over, and that a `Host-Id` may be. */
export const ODD_HOST = String.raw`a"b\c'$(touch${'$'}{IFS}pwned)\u0041&|;*`;

export type Cases = Readonly<Record<string, string | Buffer>>;

const NOW = Math.floor(Date.now() / 1000);
const DAY = 86_400;

const vendor = p256Key();
const secondVendor = p256Key();
const rsa = rsaKey();
const stranger = p256Key();

/** The keys that a product carries. */
export const pinnedKeys: KeyRing = ringOf(vendor, secondVendor, rsa);

const life = { iss: ISSUER, iat: NOW - DAY, exp: NOW + 34 * DAY };
const claims = (given: object = {}): object => ({ ...someClaims(life), ...given });
const payload = JSON.stringify(claims());

const rawOf = (file: string): Buffer => Buffer.from(file.split('.')[2] ?? '', 'base64url');
const withSignature = (file: string, signature: Uint8Array | string): string =>
  `${file.slice(0, file.lastIndexOf('.'))}.${typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64url')}`;

const SHAPES: Readonly<Record<string, Shape>> = {
  'short-r': [/^00[0-7]/, /^/],
  'short-r-top-bit': [/^00[89a-f]/, /^/],
  'short-s': [/^/, /^00[0-7]/],
  'short-s-top-bit': [/^/, /^00[89a-f]/],
  'top-bits': [/^[89a-f]/, /^[89a-f]/],
  'no-top-bits': [/^[1-7]/, /^[1-7]/],
};

const optionWindows = Array.from({ length: 64 }, (_, index) => ({
  option: `option-${index}`,
  quantity: index + 1,
  from: NOW,
  until: NOW + DAY,
}));

const trickyName =
  'Müller "& Söhne" \\ ","host":{"id":"H-9"},"exp":1,"product":"XX" \u2028 {[ \n $(touch pwned) `touch pwned`';

/** Members that may come one day, with names and values that say something else in another place. */
const misleading = {
  ...claims({ exp: 1, iss: 'x', product: 'XX', host: { id: 'H-9' } }),
  deeper: { host: { id: 'H-9' }, list: [{ product: 'XX', host: { id: 'H-9' } }, [1, -2.5e3, true, null]] },
};

/** Files that the service signed. */
export const genuine = (): Cases => ({
  ...Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [name, fileOfShape(claims(), vendor, shape)]),
  ),
  'two-short': fileOfTwoShort(claims(), vendor),
  'second-key': signedFile(claims(), secondVendor),
  rsa: signedFile(claims(), rsa),
  'rsa-large': signedFile(claims({ options: optionWindows }), rsa),
  'white-space': `\r\n \t${signedFile(claims(), vendor)}\r\n \n`,
  'tricky-name': signedFile(claims({ customer: { id: 'acme', name: trickyName } }), vendor),
  'claims-added-later': signedFile({ before: misleading, ...claims(), after: misleading }, vendor),
  '$(touch pwned); touch pwned & `touch pwned`': signedFile(claims(), vendor),
});

/** A file for the host with the odd id. */
export const oddHost = (): string => signedFile(claims({ host: { id: ODD_HOST } }), vendor);

const headerOf = (alg: string, kid: string, more: object = {}): string =>
  JSON.stringify({ alg, kid, typ: 'license+jwt', ...more });

/** A header of another text than ours, truly signed by one of our keys. */
const signedUnder = (header: string, key: SigningKey = vendor): string => signedCompact(header, payload, key);

/** Keyed with what everybody knows, for verifiers that take `alg` from the file. */
const hmacOf = (header: string, secret: string | Buffer): string =>
  compactOf(header, payload, createHmac('sha256', secret).update(signingInputOf(header, payload)).digest());

function derOf(raw: Buffer): Buffer {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].map((one) => {
    const value = one[0]! > 127 ? Buffer.concat([Buffer.of(0), one]) : one;
    return Buffer.concat([Buffer.of(2, value.length), value]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

/** Made, changed or misused by somebody. */
export function forged(): Cases {
  const file = fileOfShape(claims(), vendor, [/^[1-7]/, /^[1-7]/]);
  const [header = '', body = '', signature = ''] = file.split('.');
  const { kid } = vendor.publicKey;
  const ours = headerText(vendor.publicKey);
  const raw = rawOf(file);
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const zeros = (length: number): Buffer => Buffer.alloc(length);
  const pem = vendor.publicKey.key.export({ type: 'spki', format: 'pem' });
  const other = (alg: Algorithm, key: SigningKey): string => headerOf(alg, key.publicKey.kid);
  const lastChanged = signature.slice(0, -1) + (signature.endsWith('A') ? 'B' : 'A');
  // The last of 86 characters holds 4 bits that count; another spelling of the same bytes changes the 2 that do not.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const respelled = signature.slice(0, -1) + alphabet.charAt(alphabet.indexOf(signature.slice(-1)) + 1);

  return {
    'payload-changed': withSignature(
      `${header}.${Buffer.from(payload.replace('"quantity":8', '"quantity":9')).toString('base64url')}.`,
      raw,
    ),
    'payload-one-bit': `${header}.${body.slice(0, 40)}${body[40] === 'A' ? 'B' : 'A'}${body.slice(41)}.${signature}`,
    'signature-changed': withSignature(file, lastChanged),
    'signature-respelled': withSignature(file, respelled),
    'other-key': compactOf(ours, payload, signatureOf(signingInputOf(ours, payload), stranger)),
    'other-pinned-key': compactOf(ours, payload, signatureOf(signingInputOf(ours, payload), secondVendor)),
    'kid-of-a-stranger': signedFile(claims(), stranger),
    'kid-unknown': signedUnder(headerOf('ES256', 'A'.repeat(43))),
    'kid-of-another-key': signedUnder(headerText(secondVendor.publicKey)),
    'kid-is-a-path': signedUnder(headerOf('ES256', `../keys/${kid}`)),
    'kid-is-a-command': signedUnder(headerOf('ES256', '$(touch pwned)`touch pwned`')),
    'kid-absent': signedUnder('{"alg":"ES256","typ":"license+jwt"}'),
    'alg-none': `${Buffer.from(headerOf('none', kid)).toString('base64url')}.${body}.`,
    'alg-none-signed': signedUnder(headerOf('none', kid)),
    'alg-none-zero': compactOf(headerOf('none', kid), payload, Buffer.from([0])),
    'alg-hs256-pem': hmacOf(headerOf('HS256', kid), pem),
    'alg-hs256-empty': hmacOf(headerOf('HS256', kid), ''),
    'alg-rs256-of-ec-key': signedUnder(other('RS256', vendor)),
    'alg-es256-of-rsa-key': signedUnder(other('ES256', rsa), rsa),
    'rsa-header-ec-signature': signedUnder(headerText(rsa.publicKey)),
    'ec-header-rsa-signature': compactOf(ours, payload, signatureOf(signingInputOf(ours, payload), rsa)),
    'rsa-payload-changed': withSignature(
      `${Buffer.from(headerText(rsa.publicKey)).toString('base64url')}.${Buffer.from(JSON.stringify(claims({ seq: 8 }))).toString('base64url')}.`,
      rawOf(signedFile(claims(), rsa)),
    ),
    'rsa-zeros': compactOf(headerText(rsa.publicKey), payload, zeros(256)),
    'typ-jwt': signedUnder(JSON.stringify({ alg: 'ES256', kid, typ: 'JWT' })),
    'typ-absent': signedUnder(JSON.stringify({ alg: 'ES256', kid })),
    'header-with-key': signedCompact(
      headerOf('ES256', stranger.publicKey.kid, { jwk: stranger.publicKey.key.export({ format: 'jwk' }) }),
      payload,
      stranger,
    ),
    'header-with-crit': signedUnder(headerOf('ES256', kid, { crit: ['b64'], b64: false })),
    'truncated-by-a-character': file.slice(0, -1),
    'truncated-by-four': file.slice(0, -4),
    'truncated-in-s': file.slice(0, -43),
    'truncated-signature': `${header}.${body}.`,
    'truncated-payload': file.slice(0, header.length + 100),
    'truncated-header': file.slice(0, 20),
    empty: '',
    'only-white-space': ' \r\n\n',
    dots: '..',
    'der-signature': withSignature(file, derOf(raw)),
    'zeros-64': withSignature(file, zeros(64)),
    'zero-r': withSignature(file, Buffer.concat([zeros(32), raw.subarray(32)])),
    'zero-s': withSignature(file, Buffer.concat([raw.subarray(0, 32), zeros(32)])),
    'order-twice': withSignature(file, Buffer.concat([order, order])),
    'ones-64': withSignature(file, Buffer.alloc(64, 0xff)),
    'r-and-s-swapped': withSignature(file, Buffer.concat([raw.subarray(32), raw.subarray(0, 32)])),
    'a-byte-more': withSignature(file, Buffer.concat([raw, Buffer.of(0)])),
    'padded-to-33': withSignature(
      file,
      Buffer.concat([zeros(1), raw.subarray(0, 32), zeros(1), raw.subarray(32)]),
    ),
    'with-padding': `${file}==`,
    'standard-alphabet': withSignature(file, '+/'.repeat(43)),
    'four-parts': `${file}.${signature}`,
    detached: `${header}..${signature}`,
    'two-files': `${file}\n${file}\n`,
    'broken-line': `${file.slice(0, 300)}\n${file.slice(300)}`,
    'nul-inside': `${file.slice(0, 300)}\0${file.slice(300)}`,
    'nul-after': `${file}\0`,
    'not-ascii': `${file.slice(0, 300)}ü${file.slice(300)}`,
    'byte-order-mark': `\ufeff${file}`,
    'json-serialization': JSON.stringify({ protected: header, payload: body, signature }),
    'a-command': '$(touch pwned).`touch pwned`.;touch pwned',
    'too-large': `${file}${' '.repeat(16_384)}`,
    'white-space-then-more': `${file}${' '.repeat(16_384)}${file}`,
    random: Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 7919) % 256)),
  };
}

/** Truly signed by the vendor, and not for this product on this host at this time. */
export function notForThisHost(): Cases {
  const { exp, ...withoutExp } = someClaims(life);
  const { product, ...withoutProduct } = someClaims(life);
  return {
    expired: signedFile(claims({ exp: NOW - 1 }), vendor),
    'exp-is-text': signedFile(claims({ exp: String(exp) }), vendor),
    'exp-absent': signedFile(withoutExp, vendor),
    'other-host': signedFile(claims({ host: { id: 'H-2' } }), vendor),
    'longer-host': signedFile(claims({ host: { id: 'H-10' } }), vendor),
    'other-case': signedFile(claims({ host: { id: 'h-1' } }), vendor),
    'host-in-its-name': signedFile(claims({ host: { name: HOST, id: 'H-2' } }), vendor),
    'host-elsewhere': signedFile(
      {
        before: claims(),
        ...claims({ host: { id: 'H-2', former: { id: HOST } } }),
        after: [claims(), { host: claims() }],
      },
      vendor,
    ),
    'host-in-a-name': signedFile(
      claims({ customer: { id: 'acme', name: '"},"host":{"id":"H-1"}' }, host: { id: 'H-2' } }),
      vendor,
    ),
    starter: signedFile(starterClaims(life), vendor),
    'other-product': signedFile(claims({ product: 'ES-PLUS' }), vendor),
    'product-elsewhere': signedFile({ before: { product }, ...withoutProduct, after: { product } }, vendor),
    'expired-here-only': signedFile({ ...claims({ exp: NOW - 1 }), after: { exp } }, vendor),
    'other-issuer': signedFile(claims({ iss: 'https://licensing.example' }), vendor),
    'payload-is-a-list': signedFile([claims()], vendor),
    'payload-is-text': signedCompact(headerText(vendor.publicKey), 'no JSON', vendor),
  };
}

/** True if the service itself would take the file for one of its own. */
export const isGenuineForTheService = (text: string): boolean =>
  openCompact(text.trim(), pinnedKeys).kind === 'genuine';
