/** What tests of permissions have in common: statements as templates show them, and the uses of keys. */

export const VIA_DYNAMODB = { 'kms:ViaService': 'dynamodb.eu-west-1.<AWS::URLSuffix>' };
export const USE_KEY = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

export const allow = (Sid: string, Action: string | string[], Resource: string, Condition?: object) => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

export const READ_KEY = ['kms:Decrypt', 'kms:DescribeKey'];
export const hmac = { StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } };

export const readPublicKey = allow('ReadPublicKey', 'kms:GetPublicKey', '<SigningKey.Arn>');
export const sign = (algorithm: string) => [
  allow('SignLicenseFiles', 'kms:Sign', '<SigningKey.Arn>', {
    StringEquals: { 'kms:SigningAlgorithm': algorithm },
  }),
  readPublicKey,
];
