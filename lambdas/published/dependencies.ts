import { createObservability } from '../adapters/observability.ts';
import { parsePublishedEnv } from './env.ts';
import type { PublishedHandlerDependencies } from './published-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): PublishedHandlerDependencies {
  const env = parsePublishedEnv(environment);
  return {
    url: env.API_URL,
    documentationUrl: env.DOCUMENTATION_URL,
    logger: createObservability().logger,
  };
}
