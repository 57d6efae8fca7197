import { createHandler } from './customer-distribution-handler.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createHandler(createDependencies(process.env));
