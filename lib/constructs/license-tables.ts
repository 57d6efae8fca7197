import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import type { LicensingFunction } from './licensing-function.ts';
import { StoredTable } from './stored-table.ts';

export interface LicenseTablesProps {
  readonly config: StageConfig;
}

/** The environment variable that holds the name of a table. */
type Address<Variable extends string> = Record<Variable, string>;

const text = (name: string) => ({ name, type: AttributeType.STRING });

/**
 * What is ordered and what follows from it. Each verb gives a function the permission for one use of one table and returns the
 * environment in which it finds the table. Access patterns and their cost are in docs/design.md.
 */
export class LicenseTables extends Construct {
  readonly customers: CustomersTable;
  readonly contracts: ContractsTable;
  readonly installations: InstallationsTable;
  readonly licenses: LicensesTable;
  /** Alert conditions. Nothing uses them yet; the table is here so that a deployed stack need not be restructured. */
  readonly episodes: StoredTable<'EPISODES_TABLE'>;

  constructor(scope: Construct, id: string, { config }: LicenseTablesProps) {
    super(scope, id);
    this.customers = new CustomersTable(this, 'Customers', {
      config,
      variable: 'CUSTOMERS_TABLE',
      table: { partitionKey: text('customerId') },
    });
    this.contracts = new ContractsTable(this, 'Contracts', {
      config,
      variable: 'CONTRACTS_TABLE',
      table: { partitionKey: text('customerId'), sortKey: text('contractId') },
    });
    this.installations = new InstallationsTable(this, 'Installations', {
      config,
      variable: 'INSTALLATIONS_TABLE',
      // The sort key is `<product>#<name>`.
      table: { partitionKey: text('customerId'), sortKey: text('installation') },
    });
    this.licenses = new LicensesTable(this, 'Licenses', {
      config,
      variable: 'LICENSES_TABLE',
      table: {
        partitionKey: text('licenseId'),
        globalSecondaryIndexes: [
          {
            // Sparse: only licenses whose bound host is refused have the sort key, so a renewal never re-keys it.
            indexName: 'failing',
            partitionKey: text('customerId'),
            sortKey: { name: 'failingSince', type: AttributeType.NUMBER },
            projectionType: ProjectionType.KEYS_ONLY,
          },
        ],
      },
    });
    this.episodes = new StoredTable(this, 'Episodes', {
      config,
      variable: 'EPISODES_TABLE',
      table: { partitionKey: text('customerId'), sortKey: text('episode') },
    });
  }
}

/** Customers with their contacts. */
class CustomersTable extends StoredTable<'CUSTOMERS_TABLE'> {
  /** To name the customer of an order. */
  grantRead(grantee: LicensingFunction): Address<'CUSTOMERS_TABLE'> {
    return this.grant(grantee, { sid: 'ReadCustomers', actions: ['GetItem'] });
  }

  /** To write customers as the vendor gives them. */
  grantSave(grantee: LicensingFunction): Address<'CUSTOMERS_TABLE'> {
    return this.grant(grantee, { sid: 'SaveCustomers', actions: ['GetItem', 'UpdateItem'] });
  }
}

/** Contracts as received. */
class ContractsTable extends StoredTable<'CONTRACTS_TABLE'> {
  /** To write contracts and read all those of a customer. */
  grantOrder(grantee: LicensingFunction): Address<'CONTRACTS_TABLE'> {
    return this.grant(grantee, { sid: 'OrderContracts', actions: ['GetItem', 'Query', 'PutItem'] });
  }
}

/** One item per installation: united contracts and list of licenses. */
class InstallationsTable extends StoredTable<'INSTALLATIONS_TABLE'> {
  /** To compute a share, and to note in the list of licenses which host was bound. */
  grantRenew(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, {
      sid: 'UseInstallations',
      actions: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    });
  }

  /** To bring the installations of a customer in line with its contracts and its name. */
  grantRewrite(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'RewriteInstallations', actions: ['Query', 'UpdateItem'] });
  }

  /** To add licenses to the list of an installation, and to show those of a customer. */
  grantEnlist(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'EnlistLicenses', actions: ['GetItem', 'Query', 'UpdateItem'] });
  }
}

/** Licenses: lean, because scans read all of them. */
class LicensesTable extends StoredTable<'LICENSES_TABLE'> {
  /** To decide on a renewal and commit it. */
  grantRenew(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    return this.grant(grantee, { sid: 'RenewLicenses', actions: ['BatchGetItem', 'GetItem', 'UpdateItem'] });
  }

  /** To issue, revoke and reinstate. */
  grantIssue(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    return this.grant(grantee, { sid: 'IssueLicenses', actions: ['GetItem', 'UpdateItem'] });
  }
}
