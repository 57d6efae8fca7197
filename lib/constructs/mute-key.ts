import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageConfig, StageName } from '../config.ts';
import { administeredByAccount } from './key-administration.ts';
import type { LicensingFunction } from './licensing-function.ts';
import { keyRemovalOf } from './removal.ts';

type MuteKeyAddress = Record<'MUTE_KEY_ID', string>;

export interface MuteKeyProps {
  readonly stage: StageName;
  readonly config: StageConfig;
}

/**
 * The key under the links by which contacts stop a kind of e-mail. Who makes links cannot check them, and the other way round.
 * KMS does not rotate keys of this kind: a link is good for as long as the key is.
 */
export class MuteKey extends Construct {
  private readonly key: Key;

  constructor(scope: Construct, id: string, { stage, config }: MuteKeyProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: `Vouches for the links in e-mails of stage ${stage} that stop them`,
      alias: `licensing-${stage}-mute`,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      policy: new PolicyDocument({ statements: [administeredByAccount()] }),
      ...keyRemovalOf(config),
    });
  }

  /** Lets a function make links. */
  grantMake(grantee: LicensingFunction): MuteKeyAddress {
    return this.grant(grantee, 'kms:GenerateMac', 'MakeMuteLinks', 'MadeBy');
  }

  /** Lets a function check links. */
  grantCheck(grantee: LicensingFunction): MuteKeyAddress {
    return this.grant(grantee, 'kms:VerifyMac', 'CheckMuteLinks', 'CheckedBy');
  }

  /** Both sides have to agree, as with the key that signs: the policy of the role, and the one of the key. */
  private grant(grantee: LicensingFunction, action: string, sid: string, by: string): MuteKeyAddress {
    const condition = { StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } };
    grantee.allow({ sid, actions: [action], resources: [this.key.keyArn], conditions: condition });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: `${by}${grantee.node.id}`,
        principals: [new AccountRootPrincipal()],
        actions: [action],
        resources: ['*'],
        conditions: { ...condition, ArnEquals: { 'aws:PrincipalArn': grantee.role.roleArn } },
      }),
    );
    return { MUTE_KEY_ID: this.key.keyId };
  }
}
