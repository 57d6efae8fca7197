import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { compactOf, signingInputOf } from '../../lambdas/core/jws.ts';
import { p256Key, signedCompact } from '../builders/signing-key.ts';

export interface Forgery {
  readonly name: string;
  readonly text: string;
  readonly code: 'file-malformed' | 'file-not-genuine';
}

interface Header {
  readonly alg: string;
  readonly kid: string;
  readonly typ: string;
}

/** What an attacker makes of a genuine file and the published key, without the private one. */
export function forgeriesOf(file: string, publishedKey: JsonWebKey): Forgery[] {
  const [headerText = '', payloadText = '', signatureText = ''] = file.split('.');
  const payload = Buffer.from(payloadText, 'base64url').toString();
  const header = JSON.parse(Buffer.from(headerText, 'base64url').toString()) as Header;
  const signature = Buffer.from(signatureText, 'base64url');
  const publicKey = createPublicKey({ key: publishedKey, format: 'jwk' });
  const attacker = p256Key();
  const attackersJwk = attacker.publicKey.key.export({ format: 'jwk' });
  const with_ = (changes: object): string => JSON.stringify({ ...header, ...changes });

  const hmac = (secret: string | Buffer): string => {
    const forged = with_({ alg: 'HS256' });
    return compactOf(
      forged,
      payload,
      createHmac('sha256', secret).update(signingInputOf(forged, payload)).digest(),
    );
  };
  const tampered = (claims: object): string =>
    compactOf(
      JSON.stringify(header),
      JSON.stringify({ ...(JSON.parse(payload) as object), ...claims }),
      signature,
    );
  const malformed = (name: string, text: string): Forgery => ({ name, text, code: 'file-malformed' });
  const notGenuine = (name: string, text: string): Forgery => ({ name, text, code: 'file-not-genuine' });

  return [
    malformed('alg none without a signature', compactOf(with_({ alg: 'none' }), payload, Buffer.alloc(0))),
    notGenuine('alg none with the old signature', compactOf(with_({ alg: 'none' }), payload, signature)),
    notGenuine('HS256 with the public key in PEM', hmac(publicKey.export({ type: 'spki', format: 'pem' }))),
    notGenuine('HS256 with the public key in DER', hmac(publicKey.export({ type: 'spki', format: 'der' }))),
    notGenuine('HS256 with the published JWK', hmac(JSON.stringify(publishedKey))),
    notGenuine(
      'an embedded key of the attacker',
      signedCompact(with_({ jwk: attackersJwk, kid: attacker.publicKey.kid }), payload, attacker),
    ),
    notGenuine(
      'an embedded key of the attacker under our kid',
      signedCompact(with_({ jwk: attackersJwk }), payload, attacker),
    ),
    notGenuine(
      'a key set of the attacker by address',
      signedCompact(with_({ jku: 'https://attacker.example/jwks.json' }), payload, attacker),
    ),
    notGenuine('our kid, signed by the attacker', signedCompact(JSON.stringify(header), payload, attacker)),
    notGenuine('an unknown kid', signedCompact(with_({ kid: attacker.publicKey.kid }), payload, attacker)),
    notGenuine('another typ', compactOf(with_({ typ: 'JWT' }), payload, signature)),
    notGenuine('another alg of the same length', compactOf(with_({ alg: 'ES512' }), payload, signature)),
    notGenuine('another license', tampered({ sub: 'lic_another' })),
    notGenuine('another host', tampered({ host: { id: 'H-666' } })),
    notGenuine('a later expiry', tampered({ exp: 9_999_999_999 })),
    notGenuine('a signature of zeros', compactOf(JSON.stringify(header), payload, Buffer.alloc(64))),
    notGenuine('a signature cut at a byte', file.slice(0, -2)),
    malformed('a signature cut within a byte', file.slice(0, -1)),
    malformed('truncated within the claims', file.slice(0, file.indexOf('.') + 80)),
    malformed('without its signature', `${headerText}.${payloadText}`),
    malformed('an extra segment', `${file}.${signatureText}`),
    malformed(
      'a JWS in JSON',
      JSON.stringify({ protected: headerText, payload: payloadText, signature: signatureText }),
    ),
    malformed('padded base64url', `${headerText}.${payloadText}.${signatureText}==`),
    malformed('a line feed inside', `${headerText}.\n${payloadText}.${signatureText}`),
    malformed('two files', `${file}\n${file}`),
  ];
}
