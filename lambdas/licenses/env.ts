import * as z from 'zod/mini';
import { parseEnvironment, text, wholeNumber } from '../adapters/environment.ts';

const schema = z.object({
  LICENSES_TABLE: text,
  INSTALLATIONS_TABLE: text,
  RENEWALS_TABLE: text,
  SIGNING_KEY_ID: text,
  ISSUER: text,
  RENEWAL_URL: text,
  DOCUMENTATION_URL: text,
  VALIDITY_DAYS: wholeNumber,
  GRACE_DAYS: wholeNumber,
  RENEW_EVERY_SECONDS: wholeNumber,
  RETENTION_DAYS: wholeNumber,
  STARTER_LAPSE_DAYS: wholeNumber,
});

/** What the construct must give. */
export type LicensesEnv = z.input<typeof schema>;

export const parseLicensesEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
