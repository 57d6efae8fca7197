import { Billing, TableV2, type TablePropsV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { StageConfig } from '../config.ts';
import type { LicensingFunction } from './licensing-function.ts';
import { removalPolicyOf } from './removal.ts';

export interface StoredTableProps<Variable extends string> {
  /** Configuration of the stage. */
  readonly config: StageConfig;
  /** Environment variable in which functions find the name of the table. */
  readonly variable: Variable;
  /** Keys, indexes and whatever is particular to the table. */
  readonly table: Pick<
    TablePropsV2,
    'partitionKey' | 'sortKey' | 'globalSecondaryIndexes' | 'timeToLiveAttribute' | 'encryption'
  >;
}

/** A permission on the table: its name, the actions without `dynamodb:`, and under what conditions. */
export interface TablePermission {
  readonly sid: string;
  readonly actions: readonly string[];
  /** An index of the table that it is about. @default - the table itself */
  readonly index?: string;
  /** @default - none */
  readonly conditions?: PolicyStatementProps['conditions'];
}

/** A table as all of them are here: paid by request, restorable to any second, kept in prod. */
export class StoredTable<Variable extends string> extends Construct {
  readonly table: TableV2;
  private readonly variable: Variable;

  constructor(scope: Construct, id: string, { config, variable, table }: StoredTableProps<Variable>) {
    super(scope, id);
    this.variable = variable;
    this.table = new TableV2(this, 'Table', {
      ...table,
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: config.deletionProtection,
      removalPolicy: removalPolicyOf(config),
    });
  }

  /**
   * Lets a function do exactly this, and returns where it finds the table. The grants of `TableV2` are not used: they give
   * `Scan` and whole-table writes to whoever asks to read and write.
   */
  grant(grantee: LicensingFunction, ...permissions: readonly TablePermission[]): Record<Variable, string> {
    for (const { sid, actions, index, conditions } of permissions) {
      grantee.allow({
        sid,
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [index === undefined ? this.table.tableArn : `${this.table.tableArn}/index/${index}`],
        ...(conditions === undefined ? {} : { conditions }),
      });
    }
    // The one key of the record is the type parameter.
    return { [this.variable]: this.table.tableName } as Record<Variable, string>;
  }
}
