import { describe, expect, it } from 'vitest';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { hmac, READ_KEY, sign, USE_KEY, VIA_DYNAMODB } from './statements.ts';
import { readable, statementsIn, synthesize } from './synthesized.ts';

const { stacks } = synthesize();
const stack = stacks.prod;

const ACCOUNT = { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' };

const administeredByAccount = {
  Sid: 'AdministeredByAccount',
  Effect: 'Allow',
  Principal: ACCOUNT,
  Resource: '*',
  Action: expect.any(Array) as string[],
};

const keyStatement = (Sid: string, Action: string | string[], Condition: object) => ({
  Sid,
  Effect: 'Allow',
  Principal: ACCOUNT,
  Action,
  Resource: '*',
  Condition,
});

describe('The signing key', () => {
  const key = stack.one('AWS::KMS::Key', 'SigningKey');

  it('is an ES256 key for signing, multi-Region, which cannot be changed later', () => {
    expect(key.Properties).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      MultiRegion: true,
    });
    expect(stack.one('AWS::KMS::Alias', 'SigningKey').Properties).toEqual({
      AliasName: 'alias/licensing-prod-signing',
      TargetKeyId: { 'Fn::GetAtt': [key.logicalId, 'Arn'] },
    });
  });

  it('signs for the roles of the functions that issue files, with its one algorithm, and is administered by the account', () => {
    const signedBy = (Sid: string, role: string) =>
      keyStatement(Sid, 'kms:Sign', {
        StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' },
        ArnEquals: { 'aws:PrincipalArn': `<${role}.Arn>` },
      });
    expect(readable(statementsIn(key.Properties['KeyPolicy']))).toEqual([
      administeredByAccount,
      signedBy('SignedByRenew', 'PublicRenewRole'),
      signedBy('SignedByLicenses', 'VendorLicensesRole'),
      signedBy('SignedByCustomerHosts', 'HostsCustomerHostsRole'),
      signedBy('SignedByCustomerRenewals', 'OverviewCustomerRenewalsRole'),
    ]);
  });

  it('can be RSA, and then signs RS256 only', () => {
    const configs = loadStages();
    const rsa = synthesize({
      stages: ['dev'],
      configs: { ...configs, dev: { ...configs.dev, signingKeySpec: 'RSA_2048' } },
    }).stacks.dev;
    const { Properties } = rsa.one('AWS::KMS::Key', 'SigningKey');
    expect(Properties).toMatchObject({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', MultiRegion: true });
    const algorithm = { StringEquals: { 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256' } };
    for (const statement of statementsIn(Properties['KeyPolicy']).slice(1)) {
      expect(statement.Condition).toMatchObject(algorithm);
    }
    for (const folder of ['renew', 'licenses']) {
      expect(readable(rsa.statementsOf(rsa.roleOf(folder)))).toEqual(
        expect.arrayContaining(sign('RSASSA_PKCS1_V1_5_SHA_256')),
      );
    }
  });
});

describe('The key of the links that stop e-mail', () => {
  const key = stack.one('AWS::KMS::Key', 'MuteKey');

  it('is an HMAC key, with an alias of the stage', () => {
    expect(key.Properties).toMatchObject({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(stack.one('AWS::KMS::Alias', 'MuteKey').Properties).toEqual({
      AliasName: 'alias/licensing-prod-mute',
      TargetKeyId: { 'Fn::GetAtt': [key.logicalId, 'Arn'] },
    });
  });

  it('makes links for the scans, and checks them for mute, with its one algorithm', () => {
    const by = (Sid: string, action: string, role: string) =>
      keyStatement(Sid, action, { ...hmac, ArnEquals: { 'aws:PrincipalArn': `<${role}.Arn>` } });
    expect(readable(statementsIn(key.Properties['KeyPolicy']))).toEqual([
      administeredByAccount,
      ...['ScanOfflineHosts', 'ScanFailedRenewals', 'ScanExpiringLicenses', 'ScanEndingContracts'].map(
        (scan) => by(`MadeBy${scan}`, 'kms:GenerateMac', `Alerts${scan}Role`),
      ),
      by('CheckedByMute', 'kms:VerifyMac', 'PublicMuteRole'),
    ]);
  });
});

describe('The key of the renewal records', () => {
  const key = stack.one('AWS::KMS::Key', 'RenewalsKey');

  it('is a key of its own, rotated, and under that table alone', () => {
    expect(key.Properties).toMatchObject({ EnableKeyRotation: true });
    expect(key.Properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT').toBe('SYMMETRIC_DEFAULT');
    const encrypted = stack
      .ofType('AWS::DynamoDB::GlobalTable')
      .filter(({ Properties }) => Properties['SSESpecification'] !== undefined);
    expect(encrypted.map(({ logicalId }) => logicalId)).toEqual([
      stack.one('AWS::DynamoDB::GlobalTable', 'RenewalsRecords').logicalId,
    ]);
    expect(encrypted[0]?.Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: { 'Fn::GetAtt': [key.logicalId, 'Arn'] } } }],
    });
  });

  it('opens through DynamoDB only, for the auditor, the report, the functions that record, and whoever creates the table', () => {
    const usedBy = (Sid: string, role: string, actions: string[]) =>
      keyStatement(Sid, actions, {
        StringEquals: VIA_DYNAMODB,
        ArnEquals: { 'aws:PrincipalArn': `<${role}.Arn>` },
      });
    const deployer = 'role/cdk-*-cfn-exec-role-<AWS::AccountId>-eu-west-1';
    expect(readable(statementsIn(key.Properties['KeyPolicy']))).toEqual([
      administeredByAccount,
      keyStatement('CreationOfTheTable', [...USE_KEY, 'kms:CreateGrant'], {
        StringEquals: VIA_DYNAMODB,
        ArnLike: { 'aws:PrincipalArn': `arn:<AWS::Partition>:iam::<AWS::AccountId>:${deployer}` },
      }),
      usedBy('UsedByAuditor', 'RenewalsAuditor', READ_KEY),
      usedBy('UsedBySendReport', 'ReportsSendReportRole', READ_KEY),
      usedBy('UsedByRenew', 'PublicRenewRole', USE_KEY),
      usedBy('UsedByLicenses', 'VendorLicensesRole', USE_KEY),
      usedBy('UsedByCustomerHosts', 'HostsCustomerHostsRole', USE_KEY),
      usedBy('UsedByDistribution', 'DistributionRole', READ_KEY),
      usedBy('UsedByCustomerOverview', 'OverviewCustomerOverviewRole', READ_KEY),
      usedBy('UsedByCustomerRenewals', 'OverviewCustomerRenewalsRole', USE_KEY),
    ]);
  });
});

it('Whoever administers a key can neither use it nor hand out grants on it', () => {
  const administrations = STAGE_NAMES.flatMap((stage) => stacks[stage].ofType('AWS::KMS::Key')).map(
    ({ Properties }) => statementsIn(Properties['KeyPolicy'])[0]!,
  );
  expect(administrations).toHaveLength(3 * STAGE_NAMES.length);
  const using = /^kms:(Sign|Verify|Encrypt|Decrypt|ReEncrypt|Generate|CreateGrant|DeriveSharedSecret|.*\*)/;
  for (const { Action } of administrations) {
    expect([Action].flat().filter((action) => using.test(action))).toEqual([]);
    // Without these two, nobody could ever change the policy or the key again.
    expect(Action).toEqual(expect.arrayContaining(['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']));
  }
});
