import type { CustomersLicenses } from '../../lambdas/core/hosts/ports.ts';
import type { IssueLicenseDependencies } from '../../lambdas/core/issue-license.ts';
import type { Installation, LicenseEntry } from '../../lambdas/core/installation.ts';
import { parseLicenseOrder } from '../../lambdas/core/license-order.ts';
import type { License } from '../../lambdas/core/license.ts';
import { aContract, anInstallation } from '../builders/installation.ts';
import { SETTINGS } from '../builders/issue-plan.ts';
import { p256Key, signatureOf } from '../builders/signing-key.ts';
import { emptyTables, keyText, MemoryStore, type Schedule, type Tables } from '../protocol/memory-store.ts';

export const key = p256Key();
export const observer = {
  committed: () => undefined,
  recorded: () => undefined,
  refused: () => undefined,
  staleness: () => 0,
};
export const caller = { sourceIp: '192.0.2.1' };
const installationKey = { customerId: 'acme', product: 'ES', installation: 'main' };

/** Crashes a function at one of its calls. */
export class Crash extends Error {}

export interface Request {
  readonly hostId?: string;
  readonly idempotencyKey?: string;
}

export const orderOf = ({ hostId, idempotencyKey }: Request) =>
  parseLicenseOrder(
    'acme',
    { product: 'ES', ...(hostId === undefined ? {} : { host: { id: hostId } }) },
    idempotencyKey,
  );

export function tablesWith(hosts: number): Tables {
  const tables = emptyTables();
  const installation = anInstallation({ contracts: [aContract({ hosts })], licenses: [] });
  tables.installations.set(keyText(installationKey), [installation]);
  return tables;
}

export function installationIn(tables: Tables): Installation {
  const installation = tables.installations.get(keyText(installationKey))?.at(-1);
  if (!installation) throw new Error('The installation is gone');
  return installation;
}

export const listOf = (tables: Tables): readonly LicenseEntry[] => installationIn(tables).licenses;

/** Writes the list as if somebody else had. */
export function setList(tables: Tables, licenses: readonly LicenseEntry[]): void {
  const installation = installationIn(tables);
  const versions = tables.installations.get(keyText(installationKey));
  versions?.push({ ...installation, licenses, version: installation.version + 1 });
}

export function licenseIn(tables: Tables, licenseId: string): License {
  const license = tables.licenses.get(licenseId);
  if (!license) throw new Error(`No license ${licenseId}`);
  return license;
}

let ids = 0;

/** What customers write into licenses. */
const licensesWith = (schedule: Schedule): Pick<CustomersLicenses, 'writeRetirement'> => ({
  writeRetirement: ({ licenseId, version }, retiresAt) =>
    schedule('writeRetirement', ({ licenses }) => {
      const stored = licenses.get(licenseId);
      if (stored?.version !== version) return 'conflict';
      const { retiresAt: _before, ...kept } = stored;
      licenses.set(licenseId, {
        ...kept,
        ...(retiresAt === undefined ? {} : { retiresAt }),
        version: version + 1,
      });
      return 'written';
    }),
});

export const dependenciesWith = (schedule: Schedule): IssueLicenseDependencies => ({
  store: new MemoryStore(schedule, observer),
  licenses: licensesWith(schedule),
  signer: {
    describe: () => Promise.resolve(key.publicKey),
    sign: (input) => schedule('sign', () => signatureOf(input, key)),
  },
  newSerial: () => `serial-${(ids += 1)}`,
  newLicenseId: () => `lic_${(ids += 1)}`,
  settings: SETTINGS,
  starterLapseDays: 30,
});

export const atOnce =
  (tables: Tables): Schedule =>
  (_name, access) =>
    Promise.resolve(access(tables));

/** Performs every call up to one, which is performed too, and whose answer nobody gets. */
export function crashingAt(tables: Tables, atCall: number): Schedule {
  let calls = 0;
  return async (_name, access) => {
    const result = await Promise.resolve(access(tables));
    if (calls++ >= atCall) throw new Crash();
    return result;
  };
}
