import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({ DOCUMENTATION_URL: text });

export type NotFoundEnv = z.input<typeof schema>;

export const parseNotFoundEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
