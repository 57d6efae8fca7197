import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageConfig, StageName } from '../config.ts';
import { administeredByAccount } from './key-administration.ts';
import type { LicensingFunction } from './licensing-function.ts';
import { keyRemovalOf } from './removal.ts';

export interface SigningKeyProps {
  readonly stage: StageName;
  readonly config: StageConfig;
}

type SigningKeyAddress = Record<'SIGNING_KEY_ID', string>;

/**
 * The key under every license file. Multi-Region from its first day, which cannot be changed later: another Region can take
 * over and the files in the field stay verifiable.
 */
export class SigningKey extends Construct {
  readonly arn: string;
  private readonly key: Key;
  private readonly algorithm: string;

  constructor(scope: Construct, id: string, { stage, config }: SigningKeyProps) {
    super(scope, id);
    this.algorithm = config.signingKeySpec === 'RSA_2048' ? 'RSASSA_PKCS1_V1_5_SHA_256' : 'ECDSA_SHA_256';
    this.key = new Key(this, 'Key', {
      description: `Signs the license files of stage ${stage}`,
      alias: `licensing-${stage}-signing`,
      keySpec: KeySpec[config.signingKeySpec],
      keyUsage: KeyUsage.SIGN_VERIFY,
      multiRegion: true,
      policy: new PolicyDocument({ statements: [administeredByAccount()] }),
      ...keyRemovalOf(config),
    });
    this.arn = this.key.keyArn;
  }

  /** Lets a function sign, with the one algorithm of the key, and read the public key. */
  grantSign(grantee: LicensingFunction): SigningKeyAddress {
    const condition = { StringEquals: { 'kms:SigningAlgorithm': this.algorithm } };
    grantee.allow({
      sid: 'SignLicenseFiles',
      actions: ['kms:Sign'],
      resources: [this.arn],
      conditions: condition,
    });
    // The policy of the key has to name the role too: an administrator of IAM alone cannot make anybody a signer. The role is
    // compared by its ARN, because a principal would be kept by its id and go stale when the role is made anew.
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: `SignedBy${grantee.node.id}`,
        principals: [new AccountRootPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { ...condition, ArnEquals: { 'aws:PrincipalArn': grantee.role.roleArn } },
      }),
    );
    return this.grantRead(grantee);
  }

  /** Lets a function read the public key. */
  grantRead(grantee: LicensingFunction): SigningKeyAddress {
    grantee.allow({ sid: 'ReadPublicKey', actions: ['kms:GetPublicKey'], resources: [this.arn] });
    return { SIGNING_KEY_ID: this.key.keyId };
  }
}
