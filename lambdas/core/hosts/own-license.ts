import type { License } from '../license.ts';
import type { RenewalStore } from '../ports.ts';
import { Problem } from '../problem.ts';

/**
 * A license of this customer, strongly consistent; one of somebody else is answered like one that does not exist.
 * @throws {Problem} `license-not-found`
 */
export async function ownLicense(
  store: Pick<RenewalStore, 'readLicense'>,
  customerId: string,
  licenseId: string,
): Promise<License> {
  const license = await store.readLicense(licenseId);
  if (license?.customerId !== customerId) throw new Problem('license-not-found');
  return license;
}
