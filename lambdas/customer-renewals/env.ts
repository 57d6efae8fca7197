import * as z from 'zod/mini';
import { parseEnvironment } from '../adapters/environment.ts';
import { issuingVariables } from '../adapters/issuing.ts';

const schema = z.object(issuingVariables);

/** What the construct must give. */
export type CustomerRenewalsEnv = z.input<typeof schema>;

export const parseCustomerRenewalsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
