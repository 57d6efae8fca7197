import type { Instant } from '../../lambdas/core/instant.ts';
import type { Installation, InstallationKey, LicenseEntry } from '../../lambdas/core/installation.ts';
import type { License, UnknownHost } from '../../lambdas/core/license.ts';
import type { RenewalStore } from '../../lambdas/core/ports.ts';
import type { IssueRecord, RefusalRecord } from '../../lambdas/core/renewal-record.ts';

/** The three tables, as plain data that can be copied for a restore. */
export interface Tables {
  licenses: Map<string, License>;
  /** Every version ever stored, newest last: eventually consistent reads may answer any recent one. */
  installations: Map<string, Installation[]>;
  records: Map<string, IssueRecord>;
}

export const emptyTables = (): Tables => ({
  licenses: new Map(),
  installations: new Map(),
  records: new Map(),
});

export const copyTables = (tables: Tables): Tables => ({
  licenses: new Map(tables.licenses),
  installations: new Map([...tables.installations].map(([key, versions]) => [key, [...versions]])),
  records: new Map(tables.records),
});

export const keyText = (key: InstallationKey): string =>
  `${key.customerId}/${key.product}#${key.installation}`;

const recordText = (licenseId: string, seq: number): string =>
  `${licenseId}/${String(seq).padStart(12, '0')}`;

/** Runs one access to the tables at some later moment, or never: the model decides. */
export type Schedule = <T>(name: string, access: (tables: Tables) => T) => Promise<T>;

export interface MemoryStoreObserver {
  readonly committed: (license: License, before: License | undefined) => void;
  readonly recorded: (record: IssueRecord) => void;
  readonly refused: (refusal: RefusalRecord) => void;
  /** How many versions an eventual read of the installation is behind. */
  readonly staleness: () => number;
}

/** The store with the semantics of DynamoDB: every method is one atomic access, ordered by the schedule. */
export class MemoryStore implements RenewalStore {
  private readonly schedule: Schedule;
  private readonly observer: MemoryStoreObserver;

  constructor(schedule: Schedule, observer: MemoryStoreObserver) {
    this.schedule = schedule;
    this.observer = observer;
  }

  readForRenewal(licenseId: string, key: InstallationKey) {
    return this.schedule('readForRenewal', ({ licenses, installations }) => {
      const versions = installations.get(keyText(key)) ?? [];
      return {
        license: licenses.get(licenseId),
        installation: versions[Math.max(0, versions.length - 1 - this.observer.staleness())],
      };
    });
  }

  readLicense(licenseId: string) {
    return this.schedule('readLicense', ({ licenses }) => licenses.get(licenseId));
  }

  readInstallation(key: InstallationKey) {
    return this.schedule('readInstallation', ({ installations }) => installations.get(keyText(key))?.at(-1));
  }

  putRecord(record: IssueRecord) {
    return this.schedule('putRecord', ({ records }) => {
      const key = recordText(record.licenseId, record.seq);
      if (records.has(key)) return 'taken';
      records.set(key, record);
      this.observer.recorded(record);
      return 'stored';
    });
  }

  readRecord(licenseId: string, seq: number) {
    return this.schedule('readRecord', ({ records }) => records.get(recordText(licenseId, seq)));
  }

  newestRecord(licenseId: string) {
    return this.schedule('newestRecord', ({ records }) => {
      const keys = [...records.keys()].filter((key) => key.startsWith(`${licenseId}/`)).sort();
      return records.get(keys.at(-1) ?? '');
    });
  }

  commit(license: License, expectedVersion: number) {
    return this.schedule('commit', ({ licenses }) => {
      const before = licenses.get(license.licenseId);
      if ((before?.version ?? 0) !== expectedVersion) return 'conflict';
      licenses.set(license.licenseId, before ? asUpdated(license, before) : license);
      this.observer.committed(license, before);
      return 'committed';
    });
  }

  recordRefusal(refusal: RefusalRecord) {
    return this.schedule('recordRefusal', () => this.observer.refused(refusal));
  }

  noteRefusal(licenseId: string, code: string, at: Instant) {
    return this.schedule('noteRefusal', ({ licenses }) => {
      const license = licenses.get(licenseId);
      if (license)
        licenses.set(licenseId, { ...license, lastSeenAt: at, lastRefusal: code, failingSince: at });
    });
  }

  noteUnknownHost(licenseId: string, unknownHost: UnknownHost) {
    return this.schedule('noteUnknownHost', ({ licenses }) => {
      const license = licenses.get(licenseId);
      if (license) licenses.set(licenseId, { ...license, unknownHost });
    });
  }

  writeLicenseList(installation: Installation, list: readonly LicenseEntry[]) {
    return this.schedule('writeLicenseList', ({ installations }) => {
      const versions = installations.get(keyText(installation));
      const stored = versions?.at(-1);
      if (stored?.version !== installation.version) return 'conflict';
      versions?.push({ ...stored, licenses: list, version: stored.version + 1 });
      return 'written';
    });
  }
}

/** What the update of an issue leaves alone is as it was. */
function asUpdated(license: License, before: License): License {
  const { retiresAt, site, extraTransfers, extraTransfersReason, ...changed } = license;
  return {
    ...changed,
    state: before.state,
    ...(before.retiresAt === undefined ? {} : { retiresAt: before.retiresAt }),
    ...(before.site === undefined ? {} : { site: before.site }),
    ...(before.extraTransfers === undefined ? {} : { extraTransfers: before.extraTransfers }),
    ...(before.extraTransfersReason === undefined
      ? {}
      : { extraTransfersReason: before.extraTransfersReason }),
  };
}
