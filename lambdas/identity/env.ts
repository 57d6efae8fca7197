import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({ MEMBERS_TABLE: text });

/** What the construct must give. */
export type IdentityEnv = z.input<typeof schema>;

export const parseIdentityEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
