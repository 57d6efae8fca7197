import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toItem } from '../../lambdas/adapters/dynamodb/client.ts';
import {
  installationFromItem,
  installationItemKey,
  storedLists,
} from '../../lambdas/adapters/dynamodb/installation-items.ts';
import { arbitraryDeclarations, arbitraryLicenses } from '../builders/arbitrary-contracts.ts';
import { anInstallation } from '../builders/installation.ts';

const storedAndRead = (installation: ReturnType<typeof anInstallation>) => {
  const { product, licenses, declarations = [], ...rest } = installation;
  const lists = storedLists(licenses, declarations);
  return installationFromItem(toItem({ ...rest, ...installationItemKey(installation), ...lists }));
};

it('an installation comes back as it was stored, but for what is declared for licenses that are gone', () => {
  fc.assert(
    fc.property(arbitraryLicenses, arbitraryDeclarations, (licenses, declarations) => {
      const known = declarations.map((declaration) => ({
        ...declaration,
        quantities: Object.fromEntries(
          Object.entries(declaration.quantities).filter(([id]) =>
            licenses.some((license) => license.id === id),
          ),
        ),
      }));
      const installation = anInstallation({ licenses, declarations });
      expect(storedAndRead(installation)).toEqual({ ...installation, declarations: known });
    }),
  );
});

it('an item of an older version has no declarations', () => {
  const { product, ...rest } = anInstallation();
  const item = toItem({ ...rest, ...installationItemKey(anInstallation()) });
  expect(installationFromItem(item)).toEqual(anInstallation());
});

it('a license that came after a declaration is not named by it', () => {
  const [first, second] = [{ id: 'license-1' }, { id: 'license-2' }];
  const declared = { option: 'render-engine', effectiveAt: 1, quantities: { 'license-1': 5 } };
  const stored = storedLists([first], [declared]);
  const item = toItem({
    ...anInstallation(),
    ...installationItemKey(anInstallation()),
    ...stored,
    licenses: [first, second],
  });
  expect(installationFromItem(item).declarations).toEqual([declared]);
});
