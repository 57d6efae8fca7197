import { shareWindows } from './distribution.ts';
import { expiryOf } from './entitlement.ts';
import { allowedUntil } from './hosts-allowed.ts';
import type { Instant } from './instant.ts';
import type { Installation, LicenseEntry, TermDefaults } from './installation.ts';
import { TYPE, type Algorithm } from './jws.ts';
import type { Host } from './license.ts';
import type { LicenseClaims } from './license-file.ts';
import type { IssuePlan } from './renewal-decision.ts';

/** A file lists the contracts that end last. */
const MAX_CONTRACTS = 16;

/** A file of this payload, with its header and an RSA signature, stays below the 16 KiB that a renewal takes. */
const MAX_PAYLOAD_BYTES = 11_700;

/** What the stage says of every file. */
export interface IssuingSettings {
  readonly issuer: string;
  readonly renewalUrl: string;
  readonly defaults: TermDefaults;
}

/** The protected header as the text that is signed. */
export const headerText = (key: { readonly alg: Algorithm; readonly kid: string }): string =>
  JSON.stringify({ alg: key.alg, kid: key.kid, typ: TYPE });

/** The list of licenses as it must read once this license is bound to this host. */
export function listWith(
  licenses: readonly LicenseEntry[],
  licenseId: string,
  host: Pick<Host, 'id'>,
): readonly LicenseEntry[] {
  const index = licenses.findIndex(({ id }) => id === licenseId);
  if (index < 0) return [...licenses, { id: licenseId, hostId: host.id }];
  const { lapsesAt, ...known } = licenses[index] ?? { id: licenseId };
  if (known.hostId === host.id && lapsesAt === undefined) return licenses;
  return licenses.with(index, { ...known, hostId: host.id });
}

/** The claims of the file that a plan issues. */
export function composeClaims(
  plan: IssuePlan,
  file: { readonly seq: number; readonly serial: string; readonly now: Instant },
  settings: IssuingSettings,
): LicenseClaims {
  const { license, installation, entitlement, host, replaces } = plan;
  const listed = { ...installation, licenses: listWith(installation.licenses, license.licenseId, host) };
  const expiresAt = Math.min(
    expiryOf(entitlement, file.now),
    allowedUntil(listed, license.licenseId, file.now, settings.defaults) ?? Number.POSITIVE_INFINITY,
  );
  const contracts = [...entitlement.contracts]
    .sort((a, b) => (b.until ?? Number.POSITIVE_INFINITY) - (a.until ?? Number.POSITIVE_INFINITY))
    .slice(0, MAX_CONTRACTS);
  return fitting({
    iss: settings.issuer,
    sub: license.licenseId,
    jti: file.serial,
    seq: file.seq,
    ...(replaces ? { replaces: replaces.serial } : {}),
    iat: file.now,
    exp: expiresAt,
    customer: { id: installation.customerId, name: installation.customerName },
    product: installation.product,
    installation: installation.installation,
    host: { ...host },
    contracts: contracts.map(({ id, until }) => (until === null ? { id } : { id, endsAt: until })),
    ...(entitlement.period.until === null ? {} : { entitledUntil: entitlement.period.until }),
    options: shareWindows(listed, license.licenseId, { from: file.now, until: expiresAt }, settings.defaults),
    renewal: { url: settings.renewalUrl, everySeconds: entitlement.renewEverySeconds },
  });
}

/**
 * Where long names would make the file too large: leaves windows that start later to a later renewal, the latest first, then
 * contracts out, of which only the ids are for people. What is in force now comes last.
 */
function fitting(claims: LicenseClaims): LicenseClaims {
  const options = [...claims.options];
  const contracts = [...claims.contracts];
  const isTooLarge = () =>
    Buffer.byteLength(JSON.stringify({ ...claims, contracts, options })) > MAX_PAYLOAD_BYTES;
  while ((options.at(-1)?.from ?? 0) > claims.iat && isTooLarge()) options.pop();
  while (contracts.length > 1 && isTooLarge()) contracts.pop();
  while (options.length > 0 && isTooLarge()) options.pop();
  return { ...claims, contracts, options };
}

/** The claims of a starter file: it binds a host at its first renewal and lets nothing run by itself. */
export function composeStarterClaims(
  license: { readonly licenseId: string; readonly lapsesAt: Instant },
  installation: Installation,
  file: { readonly serial: string; readonly now: Instant },
  settings: IssuingSettings,
): LicenseClaims {
  return {
    iss: settings.issuer,
    sub: license.licenseId,
    jti: file.serial,
    seq: 0,
    iat: file.now,
    exp: license.lapsesAt,
    customer: { id: installation.customerId, name: installation.customerName },
    product: installation.product,
    installation: installation.installation,
    contracts: [],
    options: [],
    renewal: { url: settings.renewalUrl, everySeconds: settings.defaults.renewEverySeconds },
  };
}
