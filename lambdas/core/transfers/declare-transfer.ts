import * as z from 'zod/mini';
import { parseBody } from '../body.ts';
import { namedHost, namedHostField, type NamedHost } from '../hosts/host-fields.ts';
import { ownLicense } from '../hosts/own-license.ts';
import { entryIn, retirementOf } from '../hosts/retirement.ts';
import type { CustomersLicenses } from '../hosts/ports.ts';
import { DAY, isoOf, type Instant } from '../instant.ts';
import type { Installation } from '../installation.ts';
import { fileOf, signClaims, type IssuingDependencies } from '../issuing.ts';
import { composeStarterClaims } from '../license-composition.ts';
import { hostIdField } from '../license-order.ts';
import { claimsOf } from '../license-file.ts';
import type { License, PendingTransfer } from '../license.ts';
import type { RenewalStore } from '../ports.ts';
import { Problem } from '../problem.ts';
import { areInForce, type AcceptedTerms } from '../terms.ts';
import { counted, transfersOf } from './moves.ts';
import type { Person, TransferRecord, TransferStore } from './transfer-record.ts';

/** Rounds before the service gives up; each conflict means that the license was changed meanwhile. */
const MAX_ROUNDS = 5;

export const transferSchema = z.strictObject(
  {
    host: namedHostField,
    terms: z.strictObject(
      {
        version: z.string().check(z.minLength(1), z.maxLength(64)),
        hash: z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 hash in hexadecimal digits')),
      },
      'must name version and hash of the terms',
    ),
    accept: z.literal(true, 'must be true: a transfer needs that its terms are accepted'),
  },
  'must be a transfer',
);

export const repairSchema = z.strictObject(
  { hostId: hostIdField },
  'must name the host, such as {"hostId": "H-2"}',
);

/** Where a license is to go: to another host under accepted terms, or to the same machine under its new id. */
export type Destination =
  | { readonly kind: 'transfer'; readonly host: NamedHost; readonly terms: AcceptedTerms }
  | { readonly kind: 'repair'; readonly host: { readonly id: string } };

/** @throws {Problem} `body-invalid` */
export function parseTransfer(body: unknown): Destination {
  const { host, terms } = parseBody(transferSchema, body);
  return { kind: 'transfer', host: namedHost(host), terms };
}

/** @throws {Problem} `body-invalid` */
export const parseRepair = (body: unknown): Destination => ({
  kind: 'repair',
  host: { id: parseBody(repairSchema, body).hostId },
});

export interface TransferDependencies {
  readonly store: Pick<RenewalStore, 'readLicense' | 'readInstallation'>;
  readonly licenses: Pick<CustomersLicenses, 'writeTransfer'>;
  readonly transfers: Pick<TransferStore, 'put' | 'read' | 'noteCancelled'>;
  readonly signer: IssuingDependencies['signer'];
  readonly newSerial: IssuingDependencies['newSerial'];
  readonly settings: IssuingDependencies['settings'];
  /** Makes the ids of records of one second differ. */
  readonly newTransferSuffix: () => string;
  readonly starterLapseDays: number;
  /** Transfers of a license within 365 days; repairs have a count of their own. */
  readonly transferLimit: number;
}

export interface DeclaredTransfer {
  readonly license: License;
  readonly installation: Installation;
  readonly record: TransferRecord;
  /** The file to install on a host whose id is not known yet. */
  readonly starter?: string;
  /** Whether it was declared before: nothing was done. */
  readonly isKnown: boolean;
}

/**
 * Declares where a license goes. The record comes first, so that no license moves without its acceptance; then the license names
 * the target, and the old host goes on until that one renews. The same declaration again is answered with the pending transfer,
 * or takes its place where its starter file has lapsed.
 * @throws {Problem} `license-not-found`, `terms-outdated`, `transfer-pending`, `license-revoked`, `license-retired`,
 * `license-unbound`, `transfer-limit`, `host-known`, `repair-not-offered`, `unavailable`
 */
export async function declareTransfer(
  dependencies: TransferDependencies,
  { customerId, licenseId }: { readonly customerId: string; readonly licenseId: string },
  destination: Destination,
  person: Person,
  now: Instant,
): Promise<DeclaredTransfer> {
  const { store, licenses, transfers, transferLimit } = dependencies;
  let license = await ownLicense(store, customerId, licenseId);
  const installation = await store.readInstallation(license);
  if (!installation) throw new Problem('installation-not-found');
  const pending = await pendingFor(transfers, license, destination);
  if (pending && !hasLapsed(pending, now)) return declared(license, installation, pending, true);
  // Whoever declares it again needs a file that still lets a host in: the new transfer takes the place of the lapsed one.
  const lapsedId = pending?.id;

  const check = ({ transfer, ...license }: License) => {
    const candidate = transfer && transfer.id !== lapsedId ? { ...license, transfer } : license;
    checkState(candidate, installation, now);
    if (destination.kind === 'transfer') checkTransfer(candidate, destination.terms, transferLimit, now);
    else checkRepair(candidate, destination.host.id, transferLimit, now);
    checkHost(candidate, installation, destination.host.id, now);
  };
  check(license);
  const { record, transfer } = await composeTransfer(
    dependencies,
    license,
    installation,
    destination,
    person,
    now,
  );
  await transfers.put(record);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if ((await licenses.writeTransfer(license, transfer)) === 'written') {
      if (lapsedId !== undefined) await transfers.noteCancelled(customerId, lapsedId, now);
      return declared({ ...license, transfer, version: license.version + 1 }, installation, record, false);
    }
    license = await ownLicense(store, customerId, licenseId);
    // One's own write, whose answer was lost.
    if (license.transfer?.id === record.id) return declared(license, installation, record, false);
    try {
      check(license);
    } catch (fault) {
      await transfers.noteCancelled(customerId, record.id, now);
      throw fault;
    }
  }
  await transfers.noteCancelled(customerId, record.id, now);
  throw new Problem('unavailable', { cause: new Error('The license kept changing') });
}

/** The pending transfer, if it is the one that is asked for. */
async function pendingFor(
  transfers: Pick<TransferStore, 'read'>,
  { customerId, transfer }: License,
  { kind, host }: Destination,
): Promise<TransferRecord | undefined> {
  if (transfer?.id === undefined) return undefined;
  const isSame =
    (transfer.isRepair === true) === (kind === 'repair') &&
    transfer.hostId === host.id &&
    (host.id !== undefined || transfer.hostName === ('name' in host ? host.name : undefined));
  return isSame ? transfers.read(customerId, transfer.id) : undefined;
}

/** A starter file moves a license for whoever has it: not for ever. */
const hasLapsed = ({ starter }: TransferRecord, now: Instant): boolean =>
  starter !== undefined && lapseOf(starter) <= now;

/** When a starter file stops letting a host in. */
export const lapseOf = ({ payload }: NonNullable<TransferRecord['starter']>): Instant =>
  claimsOf(payload).exp;

function checkState(license: License, installation: Installation, now: Instant): void {
  const { state, transfer, host } = license;
  const retiresAt = retirementOf(license, entryIn(installation, license.licenseId));
  if (transfer) throw new Problem('transfer-pending');
  if (state === 'revoked') throw new Problem('license-revoked', { status: 409 });
  if (retiresAt !== undefined) {
    const detail = retiresAt > now ? 'The license is about to retire. Cancel that first.' : undefined;
    throw new Problem('license-retired', { status: 409, detail });
  }
  if (!host) throw new Problem('license-unbound');
}

function checkTransfer(license: License, terms: AcceptedTerms, limit: number, now: Instant): void {
  if (!areInForce(terms)) throw new Problem('terms-outdated');
  const { used, allowed } = transfersOf(license, now, limit);
  if (used >= allowed) throw new Problem('transfer-limit');
}

function checkRepair(
  { unknownHost, repairedAt }: License,
  hostId: string,
  limit: number,
  now: Instant,
): void {
  if (unknownHost?.id !== hostId) throw new Problem('repair-not-offered');
  if (counted(repairedAt, now).length >= limit) throw new Problem('transfer-limit');
}

function checkHost(
  { licenseId, host }: License,
  { licenses }: Installation,
  hostId: string | undefined,
  now: Instant,
): void {
  if (hostId === undefined) return;
  if (host?.id === hostId) {
    throw new Problem('host-known', { status: 409, detail: 'The license is bound to this host already.' });
  }
  const isKnown = licenses.some(
    (entry) => entry.id !== licenseId && entry.hostId === hostId && (entry.retiresAt ?? Infinity) > now,
  );
  if (isKnown) throw new Problem('host-known', { status: 409 });
}

async function composeTransfer(
  { signer, newSerial, settings, newTransferSuffix, starterLapseDays }: TransferDependencies,
  license: License,
  installation: Installation,
  destination: Destination,
  by: Person,
  now: Instant,
): Promise<{ record: TransferRecord; transfer: PendingTransfer }> {
  const { licenseId, customerId, product, host: from, unknownHost } = license;
  const id = `${isoOf(now)}#${newTransferSuffix()}`;
  const isRepair = destination.kind === 'repair';
  const name = isRepair ? unknownHost?.name : destination.host.name;
  const to = {
    ...(destination.host.id === undefined ? {} : { id: destination.host.id }),
    ...(name === undefined ? {} : { name }),
  };
  const starter =
    to.id === undefined
      ? await signClaims(
          signer,
          composeStarterClaims(
            { licenseId, lapsesAt: now + starterLapseDays * DAY },
            installation,
            { serial: newSerial(), now },
            settings,
          ),
        )
      : undefined;
  return {
    record: {
      customerId,
      id,
      kind: destination.kind,
      licenseId,
      product,
      installation: license.installation,
      ...(from ? { from } : {}),
      to,
      ...(destination.kind === 'transfer' ? { terms: destination.terms } : {}),
      by,
      declaredAt: now,
      ...(starter
        ? { starter: { header: starter.header, payload: starter.payload, signature: starter.signature } }
        : {}),
    },
    transfer: {
      id,
      declaredAt: now,
      ...(to.id === undefined ? {} : { hostId: to.id }),
      ...(name === undefined ? {} : { hostName: name }),
      ...(starter ? { starterSerial: starter.claims.jti } : {}),
      ...(isRepair ? { isRepair } : {}),
    },
  };
}

const declared = (
  license: License,
  installation: Installation,
  record: TransferRecord,
  isKnown: boolean,
): DeclaredTransfer => ({
  license,
  installation,
  record,
  ...(record.starter ? { starter: fileOf(record.starter) } : {}),
  isKnown,
});

/**
 * Takes a pending transfer back. A take-over that came first wins: then there is nothing to take back.
 * @throws {Problem} `license-not-found`, `transfer-not-found`, `unavailable`
 */
export async function cancelTransfer(
  { store, licenses, transfers }: Pick<TransferDependencies, 'store' | 'licenses' | 'transfers'>,
  customerId: string,
  licenseId: string,
  now: Instant,
): Promise<License> {
  const before = await ownLicense(store, customerId, licenseId);
  const id = before.transfer?.id;
  if (!before.transfer) throw new Problem('transfer-not-found');
  let license = before;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { transfer, ...kept } = license;
    // Gone without a new host: it was this request, whose answer was lost, or another one like it.
    const isGone = transfer?.id !== id && license.host?.id === before.host?.id;
    if (!isGone && transfer?.id !== id) throw new Problem('transfer-not-found');
    if (isGone || (await licenses.writeTransfer(license, undefined)) === 'written') {
      if (id !== undefined) await transfers.noteCancelled(customerId, id, now);
      return isGone ? license : { ...kept, version: license.version + 1 };
    }
    license = await ownLicense(store, customerId, licenseId);
  }
  throw new Problem('unavailable', { cause: new Error('The license kept changing') });
}

/**
 * The starter file of a pending transfer, as it was made.
 * @throws {Problem} `license-not-found`, `transfer-not-found`, `starter-lapsed`
 */
export async function starterOf(
  { store, transfers }: Pick<TransferDependencies, 'store' | 'transfers'>,
  customerId: string,
  licenseId: string,
  now: Instant,
): Promise<string> {
  const { transfer } = await ownLicense(store, customerId, licenseId);
  const record = transfer?.id === undefined ? undefined : await transfers.read(customerId, transfer.id);
  if (!record?.starter) {
    const detail = transfer
      ? 'The pending transfer names its host by id: it needs no starter file.'
      : undefined;
    throw new Problem('transfer-not-found', { detail });
  }
  if (hasLapsed(record, now)) {
    const detail = 'The starter file was not used in time. Declare the transfer again.';
    throw new Problem('starter-lapsed', { status: 409, detail });
  }
  return fileOf(record.starter);
}
