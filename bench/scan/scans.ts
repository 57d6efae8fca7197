import type { ScanEndingContractsEnv } from '../../lambdas/scan-ending-contracts/env.ts';
import type { ScanOfflineHostsEnv } from '../../lambdas/scan-offline-hosts/env.ts';
import { loadStages } from '../../lib/config.ts';
import { CREDENTIALS, REGION, type TableName } from './database.ts';

/** The scans by folder, each with the hours between its starts. */
const { alerts, mail, validityDays, graceDays, renewEverySeconds, logLevel } = loadStages().prod;
export const SCANS = {
  'scan-offline-hosts': alerts.cadence.offlineHosts,
  'scan-failed-renewals': alerts.cadence.failedRenewals,
  'scan-expiring-licenses': alerts.cadence.expiringLicenses,
  'scan-ending-contracts': alerts.cadence.endingContracts,
} as const;

export type ScanName = keyof typeof SCANS;

export const SCAN_NAMES = Object.keys(SCANS) as ScanName[];

/** Where a function finds AWS. */
export interface Addresses {
  readonly dynamodb: string;
  readonly kms: string;
  readonly ses: string;
}

/** The environment of a scan, with the limits of the stage `prod`. */
export const environmentOf = (
  scan: ScanName,
  tables: Readonly<Record<TableName, string>>,
  addresses: Addresses,
) =>
  ({
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: addresses.dynamodb,
    AWS_ENDPOINT_URL_KMS: addresses.kms,
    AWS_ENDPOINT_URL_SES: addresses.ses,
    POWERTOOLS_SERVICE_NAME: scan,
    POWERTOOLS_METRICS_NAMESPACE: 'AutomatedLicensing',
    POWERTOOLS_LOG_LEVEL: logLevel,
    LICENSES_TABLE: tables.licenses,
    INSTALLATIONS_TABLE: tables.installations,
    CUSTOMERS_TABLE: tables.customers,
    EPISODES_TABLE: tables.episodes,
    RECIPIENTS_TABLE: tables.recipients,
    SCANS_TABLE: tables.scans,
    MAIL_FROM: mail.from,
    MAIL_REPLY_TO: mail.replyTo ?? mail.from,
    MAIL_VENDOR: mail.vendor,
    MAIL_CONFIGURATION_SET: 'licensing',
    DAILY_MAIL_LIMIT: String(mail.dailyLimitPerRecipient),
    PORTAL_URL: 'https://portal.vendor.example',
    MUTE_URL: 'https://licensing.vendor.example/v1/mute',
    MUTE_KEY_ID: 'mute',
    VALIDITY_DAYS: String(validityDays),
    GRACE_DAYS: String(graceDays),
    RENEW_EVERY_SECONDS: String(renewEverySeconds),
    OFFLINE_AFTER_HOURS: String(alerts.offlineAfterHours),
    EXPIRING_WITHIN_DAYS: String(alerts.expiringWithinDays),
    ENDING_WITHIN_DAYS: String(alerts.endingWithinDays),
    TRIAL_ENDING_WITHIN_DAYS: String(alerts.trialEndingWithinDays),
  }) satisfies ScanOfflineHostsEnv & ScanEndingContractsEnv & Record<string, string>;
