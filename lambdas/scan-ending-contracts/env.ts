import * as z from 'zod/mini';
import { parseEnvironment } from '../adapters/environment.ts';
import { scanningVariables } from '../adapters/scanning.ts';

const schema = z.object(scanningVariables);

export type ScanEndingContractsEnv = z.input<typeof schema>;

export const parseScanEndingContractsEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
