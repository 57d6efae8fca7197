import type { Declaration, Installation, InstallationKey, LicenseEntry } from './installation.ts';

/** What customers change in an installation; orders change the rest. */
export interface CustomersPart {
  readonly licenses: readonly LicenseEntry[];
  readonly declarations: readonly Declaration[];
}

export interface InstallationLists {
  /** Strongly consistent. */
  read(key: InstallationKey): Promise<Installation | undefined>;
  /** Every installation of a customer, strongly consistent. */
  readAll(customerId: string): Promise<readonly Installation[]>;
  /** Writes both parts if the stored version is still `installation.version`, and bumps it. */
  write(installation: Installation, part: CustomersPart): Promise<'written' | 'conflict'>;
}
