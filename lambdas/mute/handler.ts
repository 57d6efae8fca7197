import { createDependencies } from './dependencies.ts';
import { createHandler } from './mute-handler.ts';

export const handler = createHandler(createDependencies(process.env));
