import * as z from 'zod/mini';
import { parseEnvironment } from '../adapters/environment.ts';
import { orderVariables } from '../adapters/order-taking.ts';

const schema = z.object(orderVariables);

/** What the construct must give. */
export type OrderEventsEnv = z.input<typeof schema>;

export const parseOrderEventsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
