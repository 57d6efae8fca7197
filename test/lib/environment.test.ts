import { describe, expect, it } from 'vitest';
import { parseContractsEnv } from '../../lambdas/contracts/env.ts';
import { parseCustomerAccountEnv } from '../../lambdas/customer-account/env.ts';
import { parseCustomerDistributionEnv } from '../../lambdas/customer-distribution/env.ts';
import { parseCustomerHostsEnv } from '../../lambdas/customer-hosts/env.ts';
import { parseCustomerOverviewEnv } from '../../lambdas/customer-overview/env.ts';
import { parseCustomerRenewalsEnv } from '../../lambdas/customer-renewals/env.ts';
import { parseCustomersEnv } from '../../lambdas/customers/env.ts';
import { parseIdentityEnv } from '../../lambdas/identity/env.ts';
import { parseKeysEnv } from '../../lambdas/keys/env.ts';
import { parseLicensesEnv } from '../../lambdas/licenses/env.ts';
import { parseMailEventsEnv } from '../../lambdas/mail-events/env.ts';
import { parseMuteEnv } from '../../lambdas/mute/env.ts';
import { parseNotFoundEnv } from '../../lambdas/not-found/env.ts';
import { parseOrderEventsEnv } from '../../lambdas/order-events/env.ts';
import { parsePublishedEnv } from '../../lambdas/published/env.ts';
import { parseRenewEnv } from '../../lambdas/renew/env.ts';
import { parseScanEndingContractsEnv } from '../../lambdas/scan-ending-contracts/env.ts';
import { parseScanExpiringLicensesEnv } from '../../lambdas/scan-expiring-licenses/env.ts';
import { parseScanFailedRenewalsEnv } from '../../lambdas/scan-failed-renewals/env.ts';
import { parseScanOfflineHostsEnv } from '../../lambdas/scan-offline-hosts/env.ts';
import { parseSendReportEnv } from '../../lambdas/send-report/env.ts';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { environmentOf, readable, synthesize } from './synthesized.ts';

const configs = loadStages();
const { stacks } = synthesize();

/** How each function reads its environment; ping needs none. */
const PARSERS: Record<string, (environment: NodeJS.ProcessEnv) => object> = {
  renew: parseRenewEnv,
  keys: parseKeysEnv,
  ping: () => ({}),
  'not-found': parseNotFoundEnv,
  customers: parseCustomersEnv,
  contracts: parseContractsEnv,
  licenses: parseLicensesEnv,
  'customer-account': parseCustomerAccountEnv,
  'customer-distribution': parseCustomerDistributionEnv,
  'customer-hosts': parseCustomerHostsEnv,
  'customer-overview': parseCustomerOverviewEnv,
  'customer-renewals': parseCustomerRenewalsEnv,
  identity: parseIdentityEnv,
  published: parsePublishedEnv,
  mute: parseMuteEnv,
  'scan-offline-hosts': parseScanOfflineHostsEnv,
  'scan-failed-renewals': parseScanFailedRenewalsEnv,
  'scan-expiring-licenses': parseScanExpiringLicensesEnv,
  'scan-ending-contracts': parseScanEndingContractsEnv,
  'send-report': parseSendReportEnv,
  'mail-events': parseMailEventsEnv,
  'order-events': parseOrderEventsEnv,
};

/** What every function gets, whether it looks at it itself or Powertools does. */
const COMMON = ['POWERTOOLS_LOG_LEVEL', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'];

/** The variables that a parser asks for: without any, it names them all. */
function askedFor(parse: (environment: NodeJS.ProcessEnv) => object): string[] {
  try {
    parse({});
    return [];
  } catch (error) {
    return [...String(error).matchAll(/\b([A-Z][A-Z_]+): /g)].map(([, name = '']) => name).sort();
  }
}

/** The environment as the function will see it, with references as text. */
const environmentIn = (stage: (typeof STAGE_NAMES)[number], folder: string) =>
  readable(environmentOf(stacks[stage].functionOf(folder))) as Record<string, string>;

it('Every function is looked at', () => {
  const folders = stacks.prod
    .ofType('AWS::Lambda::Function')
    .map((resource) => environmentOf(resource)['POWERTOOLS_SERVICE_NAME']);
  expect(folders.sort()).toEqual(Object.keys(PARSERS).sort());
});

describe.each(Object.entries(PARSERS))('the function %s', (folder, parse) => {
  // Only where the stack has a user pool are there triggers of one.
  const stages = STAGE_NAMES.filter(
    (stage) => folder !== 'identity' || configs[stage].portal.identity.kind === 'cognito',
  );

  it.each(stages)('gets in %s what it reads, and reads all it gets', (stage) => {
    const environment = environmentIn(stage, folder);
    expect(environment).toMatchObject({
      POWERTOOLS_SERVICE_NAME: folder,
      POWERTOOLS_METRICS_NAMESPACE: 'AutomatedLicensing',
      POWERTOOLS_LOG_LEVEL: configs[stage].logLevel,
    });
    // Where another issuer makes the tokens there is no pool to name.
    const ofPool =
      ['customer-account', 'contracts', 'order-events'].includes(folder) &&
      configs[stage].portal.identity.kind === 'cognito'
        ? ['USER_POOL_ID']
        : [];
    const asked = new Set([...askedFor(parse), ...COMMON, ...ofPool]);
    expect(Object.keys(environment).sort()).toEqual([...asked].sort());
    expect(parse(environment)).toBeDefined();
  });
});

it.each(STAGE_NAMES)('Functions that issue in %s are told the terms of the stage', (stage) => {
  const config = configs[stage];
  const terms = {
    ISSUER: config.issuer,
    VALIDITY_DAYS: config.validityDays,
    GRACE_DAYS: config.graceDays,
    RENEW_EVERY_SECONDS: config.renewEverySeconds,
    RETENTION_DAYS: config.retentionDays,
    DOCUMENTATION_URL: config.documentationUrl,
  };
  expect(parseRenewEnv(environmentIn(stage, 'renew'))).toMatchObject(terms);
  expect(parseLicensesEnv(environmentIn(stage, 'licenses'))).toMatchObject({
    ...terms,
    STARTER_LAPSE_DAYS: config.starterLapseDays,
  });
});

const SCANS = [
  ['scan-offline-hosts', parseScanOfflineHostsEnv],
  ['scan-failed-renewals', parseScanFailedRenewalsEnv],
  ['scan-expiring-licenses', parseScanExpiringLicensesEnv],
  ['scan-ending-contracts', parseScanEndingContractsEnv],
] as const;

describe.each(STAGE_NAMES)('in %s', (stage) => {
  const { mail, alerts, ...config } = configs[stage];
  const sender = {
    MAIL_FROM: mail.from,
    MAIL_REPLY_TO: mail.from,
    MAIL_VENDOR: mail.vendor,
    MAIL_CONFIGURATION_SET: '<MailConfigurationSet>',
    DAILY_MAIL_LIMIT: mail.dailyLimitPerRecipient,
  };
  const terms = {
    VALIDITY_DAYS: config.validityDays,
    GRACE_DAYS: config.graceDays,
    RENEW_EVERY_SECONDS: config.renewEverySeconds,
    OFFLINE_AFTER_HOURS: alerts.offlineAfterHours,
    EXPIRING_WITHIN_DAYS: alerts.expiringWithinDays,
    ENDING_WITHIN_DAYS: alerts.endingWithinDays,
    TRIAL_ENDING_WITHIN_DAYS: alerts.trialEndingWithinDays,
  };

  it.each(SCANS)('%s judges by the terms of the stage, and sends as its vendor', (folder, parse) => {
    expect(parse(environmentIn(stage, folder))).toMatchObject({
      ...sender,
      ...terms,
      MUTE_URL: '<ApiHttp.ApiEndpoint>/v1/mute',
    });
  });

  it('the report judges by the same terms, and has the same sender', () => {
    expect(parseSendReportEnv(environmentIn(stage, 'send-report'))).toMatchObject({ ...sender, ...terms });
  });

  it('schedules of reports start the report, in the group and the role that are for them', () => {
    expect(environmentIn(stage, 'customers')).toMatchObject({
      REPORT_SCHEDULE_GROUP: `licensing-${stage}-reports`,
      REPORT_TARGET_ARN: '<ReportsSendReportFunctionAliaslive>',
      REPORT_ROLE_ARN: '<ReportsSchedulesRole.Arn>',
      REPORT_DEAD_LETTER_ARN: '<DeadLettersQueue.Arn>',
    });
  });
});

it('Answers go to another address, and e-mails link to the portal, where the stage has them', () => {
  const dev = {
    ...configs.dev,
    portalUrl: 'https://portal.vendor.example',
    mail: { ...configs.dev.mail, replyTo: 'support@vendor.example' },
  };
  const changed = synthesize({ stages: ['dev'], configs: { ...configs, dev } }).stacks.dev;
  for (const folder of [...SCANS.map(([name]) => name), 'send-report']) {
    expect(environmentOf(changed.functionOf(folder))).toMatchObject({
      MAIL_FROM: 'licensing@vendor.example',
      MAIL_REPLY_TO: 'support@vendor.example',
      PORTAL_URL: 'https://portal.vendor.example',
    });
    expect(environmentIn('dev', folder)).not.toHaveProperty('PORTAL_URL');
  }
});

it('Each variable leads to the resource that its name says', () => {
  const addresses = Object.assign(
    {},
    ...Object.keys(PARSERS).map((folder) => environmentIn('prod', folder)),
  ) as Record<string, string>;
  expect(addresses).toMatchObject({
    CUSTOMERS_TABLE: '<TablesCustomersTable>',
    CONTRACTS_TABLE: '<TablesContractsTable>',
    INSTALLATIONS_TABLE: '<TablesInstallationsTable>',
    LICENSES_TABLE: '<TablesLicensesTable>',
    EPISODES_TABLE: '<TablesEpisodesTable>',
    RECIPIENTS_TABLE: '<TablesRecipientsTable>',
    SCANS_TABLE: '<TablesScansTable>',
    RENEWALS_TABLE: '<RenewalsRecordsTable>',
    SIGNING_KEY_ID: '<SigningKey>',
    MUTE_KEY_ID: '<MuteKey>',
  });
});
