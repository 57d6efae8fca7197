import type { Instant } from '../instant.ts';
import type { Installation, LicenseEntry } from '../installation.ts';
import type { License } from '../license.ts';

export const entryIn = (
  { licenses }: Pick<Installation, 'licenses'>,
  licenseId: string,
): LicenseEntry | undefined => licenses.find(({ id }) => id === licenseId);

/** When a license retires, by its own item and by the list: each may be ahead of the other. */
export function retirementOf(
  license: Pick<License, 'retiresAt'>,
  entry: Pick<LicenseEntry, 'retiresAt'> | undefined,
): Instant | undefined {
  const retiresAt = Math.min(license.retiresAt ?? Infinity, entry?.retiresAt ?? Infinity);
  return Number.isFinite(retiresAt) ? retiresAt : undefined;
}
