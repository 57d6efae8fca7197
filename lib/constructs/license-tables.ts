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

/** The sparse index of licenses whose bound host is refused. */
const FAILING = 'failing';

/**
 * What is ordered and what follows from it, alerts included. Each verb gives a function the permission for one use of one table and returns the
 * environment in which it finds the table. Access patterns and their cost are in docs/design.md.
 */
export class LicenseTables extends Construct {
  readonly customers: CustomersTable;
  readonly members: MembersTable;
  readonly contracts: ContractsTable;
  readonly installations: InstallationsTable;
  readonly licenses: LicensesTable;
  readonly episodes: EpisodesTable;
  readonly recipients: RecipientsTable;
  readonly scans: ScansTable;
  readonly transfers: TransfersTable;

  constructor(scope: Construct, id: string, { config }: LicenseTablesProps) {
    super(scope, id);
    this.customers = new CustomersTable(this, 'Customers', {
      config,
      variable: 'CUSTOMERS_TABLE',
      table: { partitionKey: text('customerId') },
    });
    this.members = new MembersTable(this, 'Members', {
      config,
      variable: 'MEMBERS_TABLE',
      // `customer#<id>`: its members. `address#<e-mail>`: customers to look at when that address signs in.
      table: { partitionKey: text('subject') },
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
            indexName: FAILING,
            partitionKey: text('customerId'),
            sortKey: { name: 'failingSince', type: AttributeType.NUMBER },
            projectionType: ProjectionType.KEYS_ONLY,
          },
        ],
      },
    });
    this.episodes = new EpisodesTable(this, 'Episodes', {
      config,
      variable: 'EPISODES_TABLE',
      // The sort key is `<kind>#<subject>`, or `claim#<kind>` of whoever is mailing.
      table: { partitionKey: text('customerId'), sortKey: text('episode') },
    });
    this.recipients = new RecipientsTable(this, 'Recipients', {
      config,
      variable: 'RECIPIENTS_TABLE',
      table: { partitionKey: text('address') },
    });
    this.transfers = new TransfersTable(this, 'Transfers', {
      config,
      variable: 'TRANSFERS_TABLE',
      // The sort key is `<declared at>#<random>`: the list is read newest first.
      table: { partitionKey: text('customerId'), sortKey: text('transfer') },
    });
    this.scans = new ScansTable(this, 'Scans', {
      config,
      variable: 'SCANS_TABLE',
      table: { partitionKey: text('scan') },
    });
  }
}

/** Customers with their contacts. */
class CustomersTable extends StoredTable<'CUSTOMERS_TABLE'> {
  /** To name the customer of an order, and to find its contacts. */
  grantRead(grantee: LicensingFunction): Address<'CUSTOMERS_TABLE'> {
    return this.grant(grantee, { sid: 'ReadCustomers', actions: ['GetItem'] });
  }

  /** To write customers as the vendor gives them. */
  grantSave(grantee: LicensingFunction): Address<'CUSTOMERS_TABLE'> {
    return this.grant(grantee, { sid: 'SaveCustomers', actions: ['GetItem', 'UpdateItem'] });
  }

  /** To note which kinds of e-mail a contact does not want any more, and nothing else of a customer. */
  grantMute(grantee: LicensingFunction): Address<'CUSTOMERS_TABLE'> {
    return this.grantNote(grantee, 'MuteContacts', ['customerId', 'mutes']);
  }

  /** To note what a customer says of its contacts, and nothing of the vendor's document. */
  grantChangeContacts(grantee: LicensingFunction): Address<'CUSTOMERS_TABLE'> {
    return this.grantNote(grantee, 'ChangeContacts', [
      'customerId',
      'contactChanges',
      'contactsVersion',
      'ownOfflineAfterHours',
      'mutes',
    ]);
  }

  private grantNote(
    grantee: LicensingFunction,
    sid: string,
    attributes: readonly string[],
  ): Address<'CUSTOMERS_TABLE'> {
    this.grantRead(grantee);
    return this.grant(grantee, {
      sid,
      actions: ['UpdateItem'],
      conditions: {
        // `ForAllValues` holds for an empty list too: without `Null`, a request that names no attribute would pass.
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
        Null: { 'dynamodb:Attributes': 'false' },
      },
    });
  }
}

/** Who may sign in for which customer. */
class MembersTable extends StoredTable<'MEMBERS_TABLE'> {
  /** To invite members. */
  grantInvite(grantee: LicensingFunction): Address<'MEMBERS_TABLE'> {
    return this.grant(grantee, { sid: 'InviteMembers', actions: ['GetItem', 'UpdateItem'] });
  }

  /** To invite members, and to remove them with their address. */
  grantKeep(grantee: LicensingFunction): Address<'MEMBERS_TABLE'> {
    return this.grant(grantee, { sid: 'KeepMembers', actions: ['GetItem', 'UpdateItem', 'DeleteItem'] });
  }

  /** To say for whom somebody acts who signs in. */
  grantLookUp(grantee: LicensingFunction): Address<'MEMBERS_TABLE'> {
    return this.grant(grantee, { sid: 'LookUpMembers', actions: ['GetItem'] });
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

  /** To declare how options are spread over the hosts, and to change nothing that an order says. */
  grantDeclare(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(
      grantee,
      { sid: 'ReadInstallation', actions: ['GetItem'] },
      {
        sid: 'DeclareShares',
        actions: ['UpdateItem'],
        conditions: {
          'ForAllValues:StringEquals': {
            'dynamodb:Attributes': ['customerId', 'installation', 'licenses', 'declarations', 'version'],
          },
          Null: { 'dynamodb:Attributes': 'false' },
        },
      },
    );
  }

  /** To change the list of licenses of an installation. */
  grantChangeHosts(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'ChangeHosts', actions: ['GetItem', 'UpdateItem'] });
  }

  /** To judge licenses by the contracts of their installation. */
  grantJudge(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'ReadInstallations', actions: ['BatchGetItem'] });
  }

  /** To look for entitlements that end. */
  grantScan(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'ScanInstallations', actions: ['Scan', 'BatchGetItem'] });
  }

  /** To show a customer its installations. */
  grantView(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'ViewInstallations', actions: ['GetItem', 'Query'] });
  }

  /** To report on the installations of a customer. */
  grantList(grantee: LicensingFunction): Address<'INSTALLATIONS_TABLE'> {
    return this.grant(grantee, { sid: 'ListInstallations', actions: ['Query'] });
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

  /** To issue, move and retire them, and to see which were moved. */
  grantMove(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    return this.grant(grantee, { sid: 'MoveLicenses', actions: ['GetItem', 'UpdateItem', 'BatchGetItem'] });
  }

  /** To look at all of them, and again at those that may be in trouble. */
  grantScan(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    return this.grant(grantee, { sid: 'ScanLicenses', actions: ['Scan', 'BatchGetItem'] });
  }

  /** To look at those whose host is refused. */
  grantScanFailing(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    this.grant(grantee, { sid: 'ScanFailing', actions: ['Scan'], index: FAILING });
    return this.grantRead(grantee);
  }

  /** To look at some. */
  grantRead(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    return this.grant(grantee, { sid: 'ReadLicenses', actions: ['BatchGetItem'] });
  }

  /** To show a customer its licenses, together and one by one. */
  grantView(grantee: LicensingFunction): Address<'LICENSES_TABLE'> {
    return this.grant(grantee, { sid: 'ViewLicenses', actions: ['BatchGetItem', 'GetItem'] });
  }
}

/** Open alert conditions, claims of whoever mails about them, the last report to each contact, and what is to be told of orders. */
class EpisodesTable extends StoredTable<'EPISODES_TABLE'> {
  /** To open, remind of and close episodes. */
  grantKeep(grantee: LicensingFunction): Address<'EPISODES_TABLE'> {
    return this.grant(grantee, {
      sid: 'KeepEpisodes',
      actions: ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Scan'],
    });
  }

  /** To note which report went to whom, so that none goes twice. */
  grantReport(grantee: LicensingFunction): Address<'EPISODES_TABLE'> {
    return this.grant(grantee, { sid: 'NoteReports', actions: ['GetItem', 'UpdateItem'] });
  }

  /** To note what a customer is to be told of an order, and that it was told. */
  grantTell(grantee: LicensingFunction): Address<'EPISODES_TABLE'> {
    return this.grant(grantee, {
      sid: 'TellOfOrders',
      actions: ['Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    });
  }
}

/** Addresses that got e-mail: how many today, and whether mail came back from them. */
class RecipientsTable extends StoredTable<'RECIPIENTS_TABLE'> {
  /** To count what is sent, and leave out addresses that mail came back from. */
  grantCount(grantee: LicensingFunction): Address<'RECIPIENTS_TABLE'> {
    return this.grant(grantee, { sid: 'CountMails', actions: ['BatchGetItem', 'UpdateItem'] });
  }

  /** To leave out addresses that mail came back from. */
  grantRead(grantee: LicensingFunction): Address<'RECIPIENTS_TABLE'> {
    return this.grant(grantee, { sid: 'ReadAddresses', actions: ['BatchGetItem'] });
  }

  /** To note that mail came back. */
  grantDisable(grantee: LicensingFunction): Address<'RECIPIENTS_TABLE'> {
    return this.grant(grantee, { sid: 'DisableAddresses', actions: ['UpdateItem'] });
  }
}

/** Who accepted which terms when to move which license, and how it went on. */
class TransfersTable extends StoredTable<'TRANSFERS_TABLE'> {
  /** To record transfers and to list them; nothing is deleted. */
  grantRecord(grantee: LicensingFunction): Address<'TRANSFERS_TABLE'> {
    return this.grant(grantee, {
      sid: 'RecordTransfers',
      actions: ['PutItem', 'GetItem', 'UpdateItem', 'Query'],
    });
  }
}

/** One item per scan: who is running it, and how far it is. */
class ScansTable extends StoredTable<'SCANS_TABLE'> {
  /** To run one at a time, and go on where the last one stopped. */
  grantRun(grantee: LicensingFunction): Address<'SCANS_TABLE'> {
    return this.grant(grantee, { sid: 'RunScans', actions: ['UpdateItem'] });
  }

  /** To hold back while another scan sees all customers fall silent. */
  grantReadHold(grantee: LicensingFunction): Address<'SCANS_TABLE'> {
    return this.grant(grantee, { sid: 'ReadHold', actions: ['GetItem'] });
  }
}
