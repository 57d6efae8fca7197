import * as z from 'zod/mini';

/** An environment variable that must not be empty. */
export const text = z.string().check(z.minLength(1));

/** An environment variable that holds a whole number, 0 or more. */
export const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,9}$/, 'must be a whole number')),
  z.transform(Number),
);

/**
 * Parses the environment of a function once, at cold start.
 * @throws {Error} naming every missing or wrong variable at once; values stay out of the message.
 */
export function parseEnvironment<Schema extends z.ZodMiniType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.output<Schema> {
  const parsed = z.safeParse(schema, environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is not valid: ${faults.join('; ')}`);
}
