import { createDependencies } from './dependencies.ts';
import { createHandler } from './published-handler.ts';

export const handler = createHandler(createDependencies(process.env));
