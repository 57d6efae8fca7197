import { createDependencies } from './dependencies.ts';
import { createHandler } from './not-found-handler.ts';

export const handler = createHandler(createDependencies(process.env));
