import * as z from 'zod/mini';
import { parseEnvironment } from '../adapters/environment.ts';
import { issuingVariables } from '../adapters/issuing.ts';

const schema = z.object(issuingVariables);

export type RenewEnv = z.input<typeof schema>;

export const parseRenewEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
