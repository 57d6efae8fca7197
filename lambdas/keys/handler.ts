import { createDependencies } from './dependencies.ts';
import { createHandler } from './keys-handler.ts';

export const handler = createHandler(createDependencies(process.env));
