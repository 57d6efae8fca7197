import * as z from 'zod/mini';
import { parseEnvironment, text } from '../adapters/environment.ts';
import { scanningVariables } from '../adapters/scanning.ts';

const schema = z.object({ ...scanningVariables, LICENSES_TABLE: text });

export type ScanExpiringLicensesEnv = z.input<typeof schema>;

export const parseScanExpiringLicensesEnv = (environment: NodeJS.ProcessEnv): z.output<typeof schema> =>
  parseEnvironment(schema, environment);
