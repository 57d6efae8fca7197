import type { NotFoundHandlerDependencies } from './not-found-handler.ts';
import { parseNotFoundEnv } from './env.ts';

export const createDependencies = (environment: NodeJS.ProcessEnv): NotFoundHandlerDependencies => ({
  documentationUrl: parseNotFoundEnv(environment).DOCUMENTATION_URL,
});
