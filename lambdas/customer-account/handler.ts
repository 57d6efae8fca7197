import { createHandler } from './customer-account-handler.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createHandler(createDependencies(process.env));
