/** What is used of a client of the SDK here. */
interface Client {
  readonly middlewareStack: { remove(name: string): boolean };
}

/**
 * Settings of every client. It gives up soon: the gateway waits 30 seconds in all, and a caller with a `Retry-After` is
 * better off than one that hangs. The chain of middleware is built once per command, not once per call.
 */
export const CLIENT_SETTINGS = { maxAttempts: 3, cacheMiddleware: true } as const;

/** Without the SDK's logging middleware, which copies every input and output for a logger that nobody has set. */
export function lean<C extends Client>(client: C): C {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
