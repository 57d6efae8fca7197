import { createDependencies } from './dependencies.ts';
import { createHandler } from './mail-events-handler.ts';

export const handler = createHandler(createDependencies(process.env));
