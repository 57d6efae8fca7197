import type { Declaration, Installation, InstallationKey, LicenseEntry } from '../../core/installation.ts';
import { fromItem, type Item } from './client.ts';

/**
 * A declaration as it is stored: the quantities in the order of the list of licenses beside it, `5,2,,0`, as ids would make the
 * item ten times as large. So whoever writes the list of an item writes its declarations, too.
 */
interface StoredDeclaration extends Pick<Declaration, 'option' | 'effectiveAt'> {
  readonly quantities: string;
}

interface StoredInstallation extends Omit<Installation, 'product' | 'declarations'> {
  /** `<product>#<name>`, the sort key; neither part can contain `#`. */
  readonly installation: string;
  readonly declarations?: readonly StoredDeclaration[];
}

/** The primary key of an installation. */
export const installationItemKey = (key: InstallationKey): { customerId: string; installation: string } => ({
  customerId: key.customerId,
  installation: `${key.product}#${key.installation}`,
});

export function installationFromItem(item: Item): Installation {
  const { installation: sortKey, declarations, ...stored } = fromItem<StoredInstallation>(item);
  const [product = '', installation = ''] = sortKey.split('#');
  return {
    ...stored,
    product,
    installation,
    ...(declarations === undefined
      ? {}
      : { declarations: declarations.map((declaration) => declarationOf(declaration, stored.licenses)) }),
  };
}

function declarationOf(stored: StoredDeclaration, licenses: readonly LicenseEntry[]): Declaration {
  const { option, effectiveAt } = stored;
  const entries = stored.quantities.split(',').flatMap((quantity, index): [string, number][] => {
    const license = licenses[index];
    return license === undefined || quantity === '' ? [] : [[license.id, Number(quantity)]];
  });
  return { option, effectiveAt, quantities: Object.fromEntries(entries) };
}

/** Licenses and declarations as they are stored; what is declared for a license that is not in the list is left out. */
export function storedLists(
  licenses: readonly LicenseEntry[],
  declarations: readonly Declaration[],
): { licenses: readonly LicenseEntry[]; declarations: readonly StoredDeclaration[] } {
  return {
    licenses,
    declarations: declarations.map(({ option, effectiveAt, quantities }) => ({
      option,
      effectiveAt,
      quantities: licenses.map(({ id }) => quantities[id] ?? '').join(','),
    })),
  };
}
