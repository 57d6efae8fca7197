import { createDependencies } from './dependencies.ts';
import { createHandler } from './send-report-handler.ts';

export const handler = createHandler(createDependencies(process.env));
