import { createHandler } from './customer-hosts-handler.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createHandler(createDependencies(process.env));
