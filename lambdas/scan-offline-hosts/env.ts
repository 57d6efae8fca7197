import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';
import { scanningVariables } from '../adapters/scanning.ts';

const schema = z.object({ ...scanningVariables, LICENSES_TABLE: text });

export type ScanOfflineHostsEnv = z.input<typeof schema>;

export const parseScanOfflineHostsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
