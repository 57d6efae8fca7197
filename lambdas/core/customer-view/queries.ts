import * as z from 'zod/mini';
import { limitFields, pageFields } from '../api/paging.ts';
import { STANDINGS } from './standing.ts';

export const LICENSE_SORTS = ['host', 'site', 'expiresAt', 'lastSeenAt', 'product', 'standing'] as const;
export type LicenseSort = (typeof LICENSE_SORTS)[number];

export const INSTALLATION_SORTS = ['product', 'endsAt'] as const;
export type InstallationSort = (typeof INSTALLATION_SORTS)[number];

const text = (maxLength: number) => {
  const message = `must be 1 to ${maxLength} characters`;
  return z.optional(z.string().check(z.minLength(1, message), z.maxLength(maxLength, message)));
};

const licenseFilters = {
  product: text(64),
  installation: text(64),
  standing: z.optional(z.enum(STANDINGS, `must be one of ${STANDINGS.join(', ')}`)),
  /** Part of what a license is recognised by. */
  text: text(100),
};

const licensePage = pageFields(LICENSE_SORTS);
export const licensesQuery = z.strictObject({ ...licensePage, ...licenseFilters });
export const licensesCsvQuery = z.strictObject({ sort: licensePage.sort, ...licenseFilters });
export const installationsQuery = z.strictObject(pageFields(INSTALLATION_SORTS));
export const timelineQuery = z.strictObject(limitFields);
export const noQuery = z.strictObject({});

export type LicenseFilter = Pick<z.output<typeof licensesQuery>, keyof typeof licenseFilters>;
