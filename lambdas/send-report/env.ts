import * as z from 'zod/mini';
import { alertLimitVariables } from '../adapters/alert-limits.ts';
import { parseEnvironment, text } from '../adapters/environment.ts';
import { sendingVariables } from '../adapters/sending.ts';

const schema = z.object({
  ...sendingVariables,
  ...alertLimitVariables,
  INSTALLATIONS_TABLE: text,
  LICENSES_TABLE: text,
  RENEWALS_TABLE: text,
  EPISODES_TABLE: text,
});

/** What the construct must give. */
export type SendReportEnv = z.input<typeof schema>;

export const parseSendReportEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
