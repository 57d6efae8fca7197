import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';
import { orderVariables } from '../adapters/order-taking.ts';

const schema = z.object({ ...orderVariables, DOCUMENTATION_URL: text });

/** What the construct must give. */
export type ContractsEnv = z.input<typeof schema>;

export const parseContractsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
