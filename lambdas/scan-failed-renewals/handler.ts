import { createScanHandler } from '../adapters/scan-handler.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createScanHandler(createDependencies(process.env));
