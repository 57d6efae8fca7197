import { createDependencies } from './dependencies.ts';
import { createHandler } from './renew-handler.ts';

export const handler = createHandler(createDependencies(process.env));
