import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({ API_URL: text, DOCUMENTATION_URL: text });

export type PublishedEnv = z.input<typeof schema>;

export const parsePublishedEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
