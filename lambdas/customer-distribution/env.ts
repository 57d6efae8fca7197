import * as z from 'zod/mini';
import { parseEnvironment, text, wholeNumber } from '../adapters/environment.ts';

const schema = z.object({
  INSTALLATIONS_TABLE: text,
  LICENSES_TABLE: text,
  RENEWALS_TABLE: text,
  VALIDITY_DAYS: wholeNumber,
  GRACE_DAYS: wholeNumber,
  RENEW_EVERY_SECONDS: wholeNumber,
  DOCUMENTATION_URL: text,
});

/** What the construct must give. */
export type CustomerDistributionEnv = z.input<typeof schema>;

export const parseCustomerDistributionEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
