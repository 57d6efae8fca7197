import type { ContractTerms, Installation, InstallationKey, LicenseEntry } from '../../core/installation.ts';
import { fromItem, type Item } from './client.ts';

interface StoredInstallation {
  customerId: string;
  /** `<product>#<name>`, the sort key; neither part can contain `#`. */
  installation: string;
  customerName: string;
  version: number;
  contracts: ContractTerms[];
  licenses: LicenseEntry[];
}

/** The primary key of an installation. */
export const installationItemKey = (key: InstallationKey): { customerId: string; installation: string } => ({
  customerId: key.customerId,
  installation: `${key.product}#${key.installation}`,
});

export function installationFromItem(item: Item): Installation {
  const { installation: sortKey, ...stored } = fromItem<StoredInstallation>(item);
  const [product = '', installation = ''] = sortKey.split('#');
  return { ...stored, product, installation };
}
