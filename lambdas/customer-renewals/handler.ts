import { createHandler } from './customer-renewals-handler.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createHandler(createDependencies(process.env));
