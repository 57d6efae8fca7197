import type { Instant } from '../instant.ts';
import type { License, PendingTransfer } from '../license.ts';

/** What customers change in a license. */
export interface CustomersLicenses {
  /** Declares a transfer, or takes it back, if the stored version is still `license.version`, and bumps it. */
  writeTransfer(license: License, transfer: PendingTransfer | undefined): Promise<'written' | 'conflict'>;
  /** Notes when the license retires, or that it does not, in the same way. */
  writeRetirement(license: License, retiresAt: Instant | undefined): Promise<'written' | 'conflict'>;
  /** Where the host stands; of a license of this customer only, and without a new version. */
  writeSite(customerId: string, licenseId: string, site: string | undefined): Promise<'written' | 'unknown'>;
}
