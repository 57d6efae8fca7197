import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({ CUSTOMERS_TABLE: text, MUTE_KEY_ID: text, DOCUMENTATION_URL: text });

/** What the construct must give. */
export type MuteEnv = z.input<typeof schema>;

export const parseMuteEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
