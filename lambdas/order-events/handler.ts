import { createDependencies } from './dependencies.ts';
import { createHandler } from './order-events-handler.ts';

export const handler = createHandler(createDependencies(process.env));
