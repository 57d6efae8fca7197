import * as z from 'zod/mini';
import { parseEnvironment, wholeNumber } from '../adapters/environment.ts';
import { issuingVariables } from '../adapters/issuing.ts';

const schema = z.object({ ...issuingVariables, STARTER_LAPSE_DAYS: wholeNumber });

/** What the construct must give. */
export type LicensesEnv = z.input<typeof schema>;

export const parseLicensesEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
