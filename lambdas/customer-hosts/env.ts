import * as z from 'zod/mini';
import { parseEnvironment, text, wholeNumber } from '../adapters/environment.ts';
import { issuingVariables } from '../adapters/issuing.ts';
import { sendingVariables } from '../adapters/sending.ts';

const schema = z.object({
  ...issuingVariables,
  ...sendingVariables,
  TRANSFERS_TABLE: text,
  STARTER_LAPSE_DAYS: wholeNumber,
  TRANSFER_LIMIT: wholeNumber,
});

/** What the construct must give. */
export type CustomerHostsEnv = z.input<typeof schema>;

export const parseCustomerHostsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
