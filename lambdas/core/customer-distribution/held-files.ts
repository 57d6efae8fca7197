import type { Instant } from '../instant.ts';
import type { Installation } from '../installation.ts';
import type { OptionWindow } from '../license-file.ts';
import type { License } from '../license.ts';
import type { HeldFile } from '../overlap.ts';

/** What a file is known by. */
export interface FileKey {
  readonly licenseId: string;
  readonly seq: number;
}

export interface HeldFileStore {
  /** Strongly consistent, in no order; those that do not exist are left out. */
  readLicenses(licenseIds: readonly string[]): Promise<readonly License[]>;
  /** The options of files, in the order of the keys; undefined where there is no such record. */
  readOptions(files: readonly FileKey[]): Promise<readonly (readonly OptionWindow[] | undefined)[]>;
}

/** The licenses of an installation with all files that hosts hold of them. */
export interface HeldFiles {
  readonly licenses: ReadonlyMap<string, License>;
  readonly files: readonly HeldFile[];
}

/** Reads what is in the field: the current file of every license and those that were left behind, unless they have expired. */
export async function readHeldFiles(
  store: HeldFileStore,
  { customerId, licenses: entries }: Pick<Installation, 'customerId' | 'licenses'>,
  now: Instant,
): Promise<HeldFiles> {
  const found = await store.readLicenses(entries.map(({ id }) => id));
  // An id in the list is only as good as the license behind it.
  const licenses = new Map(
    found
      .filter((license) => license.customerId === customerId)
      .map((license) => [license.licenseId, license]),
  );
  const known = entries.flatMap(({ id, retiresAt }) => {
    const license = licenses.get(id);
    return license ? filesOf(license, now, retiresAt) : [];
  });
  const options = await store.readOptions(known);
  const files = known.flatMap(({ seq, ...file }, index): HeldFile[] => {
    const windows = options[index];
    // Only what has expired long ago has no record any more.
    return windows ? [{ ...file, windows }] : [];
  });
  return { licenses, files };
}

type KnownFile = Omit<HeldFile, 'windows'> & Pick<FileKey, 'seq'>;

function filesOf(license: License, now: Instant, listedRetirement: Instant | undefined): KnownFile[] {
  const { licenseId, host, current, seq, leftBehind = [] } = license;
  // The list says first that a license retires, the license follows.
  const retiresAt = listedRetirement ?? license.retiresAt ?? Number.POSITIVE_INFINITY;
  const left = leftBehind.map((file): KnownFile => ({
    licenseId,
    hostId: file.hostId,
    ...(file.hostName === undefined ? {} : { hostName: file.hostName }),
    seq: file.seq,
    expiresAt: file.expiresAt,
    kind: 'left-behind',
  }));
  const own: KnownFile[] =
    host && current
      ? [
          {
            licenseId,
            hostId: host.id,
            ...(host.name === undefined ? {} : { hostName: host.name }),
            seq,
            expiresAt: current.expiresAt,
            kind: retiresAt <= now ? 'retired' : 'current',
          },
        ]
      : [];
  return [...own, ...left].filter(({ expiresAt }) => now < expiresAt);
}
