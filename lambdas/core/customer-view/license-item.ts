import type { LicenseItem } from '../api/license-views.ts';
import { pageOf, type SortKey } from '../api/paging.ts';
import { isoOf, type Instant } from '../instant.ts';
import type { LicenseFilter, LicenseSort } from './queries.ts';
import { STANDINGS, type ViewedLicense } from './standing.ts';

/** A license in a list. Serials stay out: whoever knows one can tell a file of the chain. */
export function licenseItem({ license, standing, retiresAt }: ViewedLicense): LicenseItem {
  const { licenseId, product, installation, host, site, current, failingSince, lastRefusal } = license;
  return {
    licenseId,
    product,
    installation,
    standing,
    ...(host ? { host } : {}),
    ...(site === undefined ? {} : { site }),
    ...isoIf('lastSeenAt', license.lastSeenAt),
    ...isoIf('expiresAt', current?.expiresAt),
    ...isoIf('lapsesAt', host ? undefined : license.lapsesAt),
    ...isoIf('retiresAt', retiresAt),
    ...isoIf('failingSince', failingSince),
    ...(lastRefusal === undefined ? {} : { refusal: lastRefusal }),
    ...(license.transfer ? { transferPending: true } : {}),
  };
}

/** What ERPs that order until the last day of 9999 mean: no end. Years of five digits are no dates to most programs. */
const NEVER = Date.UTC(10_000, 0, 0) / 1000;

/** Whether there is an instant, and it is one that comes. */
export const comes = (instant: Instant | null | undefined): instant is Instant =>
  instant !== undefined && instant !== null && instant < NEVER;

/** An instant under a name, if it comes. */
export const isoIf = <Name extends string>(
  name: Name,
  instant: Instant | null | undefined,
): Partial<Record<Name, string>> =>
  comes(instant)
    ? // The one key of the object is the type parameter.
      ({ [name]: isoOf(instant) } as Partial<Record<Name, string>>)
    : {};

/** What licenses are sorted by: hosts by the name that people know; standings with the healthy first. */
export function licenseKey({ license, standing }: ViewedLicense, sort: LicenseSort): SortKey {
  switch (sort) {
    case 'host':
      return license.host && (license.host.name ?? license.host.id);
    case 'site':
      return license.site;
    case 'expiresAt':
      return license.current?.expiresAt;
    case 'lastSeenAt':
      return license.lastSeenAt;
    case 'product':
      return `${license.product} ${license.installation}`;
    case 'standing':
      return STANDINGS.indexOf(standing);
  }
}

/** Whether a license is asked for; product and installation were chosen when it was read. */
export function isWanted({ license, standing }: ViewedLicense, filter: LicenseFilter): boolean {
  if (filter.standing !== undefined && standing !== filter.standing) return false;
  const text = filter.text?.toLowerCase();
  if (text === undefined) return true;
  const { licenseId, host, site } = license;
  return [licenseId, host?.id, host?.name, site].some((known) => known?.toLowerCase().includes(text));
}

/** All licenses in the order of their pages. */
export const sortLicenses = (
  licenses: readonly ViewedLicense[],
  sort: LicenseSort | `-${LicenseSort}`,
): ViewedLicense[] =>
  pageOf(licenses, { limit: licenses.length, sort }, licenseKey, ({ license }) => license.licenseId).items;
