import * as z from 'zod/mini';
import { alertLimitVariables } from '../adapters/alert-limits.ts';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({
  ...alertLimitVariables,
  CUSTOMERS_TABLE: text,
  INSTALLATIONS_TABLE: text,
  LICENSES_TABLE: text,
  RENEWALS_TABLE: text,
  DOCUMENTATION_URL: text,
});

/** What the construct must give. */
export type CustomerOverviewEnv = z.input<typeof schema>;

export const parseCustomerOverviewEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
