import type { CurrentFile, License } from '../../core/license.ts';
import { fromItem, type Item } from './client.ts';

/** A license as it is stored: the current file lies flat beside the rest, so that scans can filter on it. */
type StoredLicense = Omit<License, 'current'> & Partial<CurrentFile>;

export function licenseFromItem(item: Item): License {
  const { serial, issuedAt, expiresAt, replacesSeq, installationVersion, ...stored } =
    fromItem<StoredLicense>(item);
  if (serial === undefined) return stored;
  return {
    ...stored,
    current: {
      serial,
      issuedAt: issuedAt ?? 0,
      expiresAt: expiresAt ?? 0,
      replacesSeq: replacesSeq ?? 0,
      installationVersion: installationVersion ?? 0,
    },
  };
}

export function storedLicense({ current, ...license }: License): StoredLicense {
  return { ...license, ...current };
}
