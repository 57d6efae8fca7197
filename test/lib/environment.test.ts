import { describe, expect, it } from 'vitest';
import { parseContractsEnv } from '../../lambdas/contracts/env.ts';
import { parseCustomersEnv } from '../../lambdas/customers/env.ts';
import { parseKeysEnv } from '../../lambdas/keys/env.ts';
import { parseLicensesEnv } from '../../lambdas/licenses/env.ts';
import { parseNotFoundEnv } from '../../lambdas/not-found/env.ts';
import { parseRenewEnv } from '../../lambdas/renew/env.ts';
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
};

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
  it.each(STAGE_NAMES)('gets in %s what it reads, and reads all it gets', (stage) => {
    const { POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_LOG_LEVEL, ...own } =
      environmentIn(stage, folder);
    expect([POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_LOG_LEVEL]).toEqual([
      folder,
      'AutomatedLicensing',
      configs[stage].logLevel,
    ]);
    expect(Object.keys(own).sort()).toEqual(askedFor(parse));
    expect(parse(own)).toBeDefined();
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
    RENEWALS_TABLE: '<RenewalsRecordsTable>',
    SIGNING_KEY_ID: '<SigningKey>',
  });
});
