import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  keysOperation,
  muteOperations,
  pingOperation,
  renewalOperation,
} from '../../lambdas/core/api/public-operations.ts';
import type { KeysEnv } from '../../lambdas/keys/env.ts';
import type { MuteEnv } from '../../lambdas/mute/env.ts';
import type { NotFoundEnv } from '../../lambdas/not-found/env.ts';
import type { RenewEnv } from '../../lambdas/renew/env.ts';
import type { StageConfig } from '../config.ts';
import { issuingEnvironment } from './issuing-environment.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction } from './licensing-function.ts';
import type { MuteKey } from './mute-key.ts';
import type { RenewalRecords } from './renewal-records.ts';
import type { SigningKey } from './signing-key.ts';

export interface PublicEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly signingKey: SigningKey;
  readonly muteKey: MuteKey;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
}

/**
 * What hosts, firewall teams and readers of e-mails call: renewing, the public keys, a fixed answer, stopping e-mail, and the
 * answer to everything else.
 */
export class PublicEndpoints extends Construct {
  readonly functions: Readonly<Record<'renew' | 'keys' | 'ping' | 'mute' | 'notFound', LicensingFunction>>;

  constructor(scope: Construct, id: string, props: PublicEndpointsProps) {
    super(scope, id);
    this.functions = {
      renew: this.renew(props),
      keys: this.keys(props),
      ping: this.ping(props),
      mute: this.mute(props),
      notFound: this.notFound(props),
    };
  }

  private renew({
    config,
    api,
    signingKey,
    tables,
    renewalRecords,
  }: PublicEndpointsProps): LicensingFunction {
    const renew = new LicensingFunction(this, 'Renew', {
      config,
      folder: 'renew',
      description: 'Renews a license: a license file in, its successor out',
      memoryMiB: 256,
      timeout: Duration.seconds(15),
      reservedConcurrency: config.renewConcurrency,
    });
    renew.setEnvironment({
      ...tables.licenses.grantRenew(renew),
      ...tables.installations.grantRenew(renew),
      ...renewalRecords.grantIssue(renew),
      ...renewalRecords.grantRefuse(renew),
      ...signingKey.grantSign(renew),
      ...issuingEnvironment(config, api),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof RenewEnv, string>);
    api.addPublicRoutes(renew, [renewalOperation], {
      limit: config.throttles.renew,
      reason:
        'The license file in the body is the credential: nothing happens before its signature is verified.',
    });
    return renew;
  }

  private keys({ config, api, signingKey }: PublicEndpointsProps): LicensingFunction {
    const keys = new LicensingFunction(this, 'Keys', {
      config,
      folder: 'keys',
      description: 'Publishes the public keys that verify license files',
      memoryMiB: 256,
      timeout: Duration.seconds(10),
    });
    keys.setEnvironment({
      ...signingKey.grantRead(keys),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof KeysEnv, string>);
    api.addPublicRoutes(keys, [keysOperation], {
      limit: config.throttles.keys,
      reason: 'Public keys are public: whoever holds a license file may verify it.',
    });
    return keys;
  }

  private ping({ config, api }: PublicEndpointsProps): LicensingFunction {
    const ping = new LicensingFunction(this, 'Ping', {
      config,
      folder: 'ping',
      description: 'Answers the same to everybody, for firewall teams',
      memoryMiB: 128,
      timeout: Duration.seconds(5),
    });
    api.addPublicRoutes(ping, [pingOperation], {
      limit: config.throttles.ping,
      reason:
        'Firewall teams test the way to the service with it before anybody has a license; the answer is fixed.',
    });
    return ping;
  }

  private mute({ config, api, tables, muteKey }: PublicEndpointsProps): LicensingFunction {
    const mute = new LicensingFunction(this, 'Mute', {
      config,
      folder: 'mute',
      description: 'Stops a kind of e-mail for a contact, by the link in it',
      memoryMiB: 256,
      timeout: Duration.seconds(10),
    });
    mute.setEnvironment({
      ...tables.customers.grantMute(mute),
      ...muteKey.grantCheck(mute),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof MuteEnv, string>);
    api.addPublicRoutes(mute, muteOperations, {
      limit: config.throttles.mute,
      reason:
        'Readers of e-mails and their mail programs call it without an account: the signed link is the credential.',
    });
    return mute;
  }

  private notFound({ config, api }: PublicEndpointsProps): LicensingFunction {
    const notFound = new LicensingFunction(this, 'NotFound', {
      config,
      folder: 'not-found',
      description: 'Says in words that a path does not exist',
      memoryMiB: 128,
      timeout: Duration.seconds(5),
    });
    notFound.setEnvironment({
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof NotFoundEnv, string>);
    api.addFallback(notFound);
    return notFound;
  }
}
