import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({ SIGNING_KEY_ID: text, DOCUMENTATION_URL: text });

export type KeysEnv = z.input<typeof schema>;

export const parseKeysEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
