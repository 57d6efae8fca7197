import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { HOUR } from '../../lambdas/core/instant.ts';
import type { Line } from '../../lambdas/core/installation.ts';
import { composeClaims } from '../../lambdas/core/license-composition.ts';
import { claimsOf, readLicenseFile } from '../../lambdas/core/license-file.ts';
import { aPlan, SETTINGS } from '../builders/issue-plan.ts';
import { someClaims, starterClaims } from '../builders/genuine-file.ts';
import { aContract, anInstallation } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';
import { aLicense } from '../builders/license.ts';
import { p256Key, ringOf, rsaKey, signedCompact, signedFile } from '../builders/signing-key.ts';

const ec = p256Key();
const rsa = rsaKey();
const keys = ringOf(ec, rsa);

describe('a license file', () => {
  it.each([
    ['ES256', ec],
    ['RS256', rsa],
  ])('gives back the claims that were signed, %s', (_alg, key) => {
    const claims = someClaims();
    expect(readLicenseFile(signedFile(claims, key), keys)).toEqual({
      kind: 'genuine',
      file: { claims, isStarter: false },
    });
  });

  it('gives back names in any script', () => {
    const claims = someClaims({
      customer: { id: 'acme', name: 'Œuvre "東京" 🖨\\' },
      host: { id: 'H-1', name: '\u202e<b>' },
    });
    expect(readLicenseFile(signedFile(claims, ec), keys)).toMatchObject({ file: { claims } });
  });

  it('is a starter where it names no host', () => {
    const claims = starterClaims();
    expect(readLicenseFile(signedFile(claims, ec), keys)).toEqual({
      kind: 'genuine',
      file: { claims, isStarter: true },
    });
  });

  it('is a starter by the lack of a host, whatever its sequence number says', () => {
    const withoutHost = signedFile(starterClaims({ seq: 3 }), ec);
    const withHost = signedFile(someClaims({ seq: 0 }), ec);
    expect(readLicenseFile(withoutHost, keys)).toMatchObject({ file: { isStarter: true } });
    expect(readLicenseFile(withHost, keys)).toMatchObject({ file: { isStarter: false } });
  });

  it('is read without the claims that this code does not know yet, at every depth', () => {
    const claims = someClaims();
    const newer = {
      ...claims,
      nbf: NOW,
      site: { id: 's-1' },
      customer: { ...claims.customer, region: 'eu' },
      host: { ...claims.host, cores: 8 },
      contracts: claims.contracts.map((contract) => ({ ...contract, kind: 'trial' })),
      options: claims.options.map((window) => ({ ...window, unit: 'host' })),
      renewal: { ...claims.renewal, fallback: 'https://other.example' },
    };
    expect(readLicenseFile(signedFile(newer, ec), keys)).toEqual({
      kind: 'genuine',
      file: { claims, isStarter: false },
    });
  });

  it.each(['replaces', 'entitledUntil'] as const)('may lack %s', (name) => {
    const { [name]: _left, ...claims } = someClaims();
    expect(readLicenseFile(signedFile(claims, ec), keys)).toMatchObject({
      kind: 'genuine',
      file: { claims },
    });
  });

  it('may hold a contract without end and a host without name', () => {
    const claims = someClaims({ contracts: [{ id: 'c-1' }], host: { id: 'H-1' } });
    expect(readLicenseFile(signedFile(claims, ec), keys)).toMatchObject({ file: { claims } });
  });

  it.each([
    'iss',
    'sub',
    'jti',
    'seq',
    'iat',
    'exp',
    'customer',
    'product',
    'installation',
    'contracts',
    'options',
    'renewal',
  ] as const)('is not genuine without %s, even signed by us', (name) => {
    const { [name]: _left, ...claims } = someClaims();
    expect(readLicenseFile(signedFile(claims, ec), keys)).toEqual({ kind: 'not-genuine' });
  });

  it.each([
    ['a seq that is a text', { ...someClaims(), seq: '7' }],
    ['a host that is a text', { ...someClaims(), host: 'H-1' }],
    ['a host without id', { ...someClaims(), host: { name: 'rip-01' } }],
    ['a host of null, which is no starter', { ...someClaims(), host: null }],
    ['claims that are a list', [someClaims()]],
    ['claims that are null', null],
  ])('is not genuine with %s, even signed by us', (_name, claims) => {
    expect(readLicenseFile(signedFile(claims, ec), keys)).toEqual({ kind: 'not-genuine' });
  });

  it('is not genuine with a payload that is no JSON, even signed by us', () => {
    const header = JSON.stringify({ alg: 'ES256', kid: ec.publicKey.kid, typ: 'license+jwt' });
    expect(readLicenseFile(signedCompact(header, 'text', ec), keys)).toEqual({ kind: 'not-genuine' });
  });

  it('passes on that a text is malformed', () => {
    expect(readLicenseFile('text', keys)).toEqual({ kind: 'malformed' });
  });

  it.each([
    ['ES256', ec],
    ['RS256', rsa],
  ])('is verified by the jose library, %s', async (alg, key) => {
    const { payload, protectedHeader } = await compactVerify(
      signedFile(someClaims(), key),
      key.publicKey.key,
      {
        algorithms: [alg],
      },
    );
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual(someClaims());
    expect(protectedHeader.typ).toBe('license+jwt');
  });

  it('comes back from the payload of a record', () => {
    expect(claimsOf(JSON.stringify({ ...someClaims(), unknown: 1 }))).toEqual(someClaims());
  });
});

describe('a license file of extreme content', () => {
  /** The longest id there is, another one for each number. */
  const id = (index: number): string => `${index}-`.padEnd(64, 'x');
  /** Every line is of an option of its own and starts an hour after the one before it. */
  const linesOf = (contract: number): Partial<Line>[] =>
    Array.from({ length: 8 }, (_, line) => ({
      option: id(contract * 8 + line),
      scope: 'every-host',
      quantity: 1_000_000,
      from: NOW + (contract * 8 + line) * HOUR,
    }));
  const installation = anInstallation({
    customerId: id(1),
    product: id(2),
    installation: id(3),
    // The document of a customer allows 200 UTF-16 units: the most bytes are in characters of 3 bytes.
    customerName: '東'.repeat(200),
    contracts: Array.from({ length: 20 }, (_, index) => aContract({ id: id(index), lines: linesOf(index) })),
  });
  const settings = {
    ...SETTINGS,
    renewalUrl: `https://${'a'.repeat(63)}.execute-api.eu-west-1.amazonaws.com/v1/licenses/renew`,
  };
  /** As large as a file can be, unless its host name is shorter. */
  const compose = (hostName = '🖨'.repeat(255)) =>
    composeClaims(
      aPlan({
        installation,
        license: aLicense({ licenseId: id(4) }),
        host: { id: '"'.repeat(128), name: hostName },
        replaces: { serial: '0'.repeat(36), seq: 999_999_999_998 },
      }),
      { seq: 999_999_999_999, serial: '1'.repeat(36), now: NOW },
      settings,
    );

  it('lists 16 contracts and, as far as there is room, the windows that start earliest', () => {
    const { contracts, options } = compose();
    expect(contracts).toHaveLength(16);
    expect(options.length).toBeGreaterThanOrEqual(48);
    expect(options.length).toBeLessThanOrEqual(64);
    expect(options.map(({ option }) => option)).toEqual(options.map((_, index) => id(index)));
  });

  it.each([
    ['ES256', ec],
    ['RS256', rsa],
  ])('stays under the 16 KiB that a renewal takes, byte by byte up to the last window, %s', (_alg, key) => {
    // One window more or less is about 140 bytes: over as many lengths of the name the file comes as close as it can.
    for (let left = 0; left < 150; left += 1) {
      const file = signedFile(compose('🖨'.repeat(200) + 'a'.repeat(left)), key);
      expect(Buffer.byteLength(file)).toBeLessThanOrEqual(16 * 1024);
    }
  });

  it('holds all 64 windows where names are of usual length', () => {
    const lines = Array.from({ length: 80 }, (_, index) => ({
      option: `render-engine-${index}`,
      from: NOW + index * HOUR,
    }));
    const usual = anInstallation({ contracts: [aContract({ lines })] });
    expect(
      composeClaims(aPlan({ installation: usual }), { seq: 8, serial: 's', now: NOW }, SETTINGS).options,
    ).toHaveLength(64);
  });

  it('is small where the content is usual', () => {
    expect(Buffer.byteLength(signedFile(someClaims(), rsa))).toBeLessThan(2048);
  });
});
