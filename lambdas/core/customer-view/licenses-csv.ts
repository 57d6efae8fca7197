import { utcDayOf, type Instant } from '../instant.ts';
import { csvOf } from './csv.ts';
import { licenseItem } from './license-item.ts';
import type { ViewedLicense } from './standing.ts';

const COLUMNS = [
  'licenseId',
  'product',
  'installation',
  'standing',
  'hostId',
  'hostName',
  'site',
  'lastSeenAt',
  'expiresAt',
  'lapsesAt',
  'retiresAt',
  'failingSince',
  'refusal',
];

/** Licenses as a table for spreadsheets. */
export function licensesCsv(licenses: readonly ViewedLicense[]): string {
  const rows = licenses.map((viewed) => {
    const { host, ...item } = licenseItem(viewed);
    return [
      item.licenseId,
      item.product,
      item.installation,
      item.standing,
      host?.id,
      host?.name,
      item.site,
      item.lastSeenAt,
      item.expiresAt,
      item.lapsesAt,
      item.retiresAt,
      item.failingSince,
      item.refusal,
    ];
  });
  return csvOf([COLUMNS, ...rows]);
}

/** Customer ids are safe in file names. */
export const licensesFileName = (customerId: string, now: Instant): string =>
  `licenses-${customerId}-${utcDayOf(now)}.csv`;
