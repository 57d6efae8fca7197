import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';
import { reportScheduleVariables } from '../adapters/report-schedules.ts';

const schema = z.object({
  ...reportScheduleVariables,
  CUSTOMERS_TABLE: text,
  INSTALLATIONS_TABLE: text,
  DOCUMENTATION_URL: text,
});

/** What the construct must give. */
export type CustomersEnv = z.input<typeof schema>;

export const parseCustomersEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
