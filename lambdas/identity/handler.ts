import { createDependencies } from './dependencies.ts';
import { createHandler } from './identity-handler.ts';

export const handler = createHandler(createDependencies(process.env));
