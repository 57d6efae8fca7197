import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';

const schema = z.object({ RECIPIENTS_TABLE: text });

/** What the construct must give. */
export type MailEventsEnv = z.input<typeof schema>;

export const parseMailEventsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
