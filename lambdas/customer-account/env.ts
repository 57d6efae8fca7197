import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';
import { reportScheduleVariables } from '../adapters/report-schedules.ts';
import { sendingVariables } from '../adapters/sending.ts';

const schema = z.object({
  ...sendingVariables,
  ...reportScheduleVariables,
  MEMBERS_TABLE: text,
  /** The user pool that makes the tokens; absent: another issuer does. */
  USER_POOL_ID: z.optional(text),
  DOCUMENTATION_URL: text,
});

/** What the construct must give. */
export type CustomerAccountEnv = z.input<typeof schema>;

export const parseCustomerAccountEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
