import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfig, StageName } from './config.ts';
import { LicenseTables } from './constructs/license-tables.ts';
import { LicensingApi } from './constructs/licensing-api.ts';
import { PublicEndpoints } from './constructs/public-endpoints.ts';
import { RenewalRecords } from './constructs/renewal-records.ts';
import { SigningKey } from './constructs/signing-key.ts';
import { VendorEndpoints } from './constructs/vendor-endpoints.ts';
import { addOutputs } from './outputs.ts';

export interface LicensingStackProps {
  readonly stage: StageName;
  readonly config: StageConfig;
}

/** The licensing service of one stage. */
export class LicensingStack extends Stack {
  constructor(scope: Construct, id: string, { stage, config }: LicensingStackProps) {
    super(scope, id, {
      description: `Automated licensing, stage ${stage}`,
      terminationProtection: config.deletionProtection,
      // No account: the app is synthesized without credentials.
      env: { region: config.region },
    });

    const signingKey = new SigningKey(this, 'SigningKey', { stage, config });
    const tables = new LicenseTables(this, 'Tables', { config });
    const renewalRecords = new RenewalRecords(this, 'Renewals', { config });
    const api = new LicensingApi(this, 'Api', { stage, config });
    const service = { config, api, signingKey, tables, renewalRecords };
    const { functions: open } = new PublicEndpoints(this, 'Public', service);
    const { functions: vendor } = new VendorEndpoints(this, 'Vendor', service);
    addOutputs(this, { ...service, functions: { ...open, ...vendor } });
  }
}
