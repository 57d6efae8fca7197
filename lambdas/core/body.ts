import * as z from 'zod/mini';
import { Problem, type BodyFault } from './problem.ts';

/** More faults than this help nobody, and the answer stays small whatever was sent. */
const MAX_FAULTS = 100;

/** As much of an unknown key as is repeated to the sender. */
const MAX_KEY_LENGTH = 64;

/**
 * A body that fits a strict schema.
 * @throws {Problem} `body-invalid`, with every fault named by its path.
 */
export function parseBody<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, body);
  if (parsed.success) return parsed.data;
  throw bodyInvalid(parsed.error.issues.flatMap((issue) => faultsOf(issue, body)));
}

/** `about`: ids for the log. */
export const bodyInvalid = (
  faults: readonly BodyFault[],
  about: Readonly<Record<string, string>> = {},
): Problem => new Problem('body-invalid', { faults: faults.slice(0, MAX_FAULTS), about });

function faultsOf(issue: z.core.$ZodIssue, body: unknown): BodyFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key.slice(0, MAX_KEY_LENGTH)]),
      message: 'is not a member of this document',
    }));
  }
  const missing = issue.path.length > 0 && valueAt(body, issue.path) === undefined;
  return [{ path: pathOf(issue.path), message: missing ? 'is required' : issue.message }];
}

/** `lines[1].quantity`; the empty path is the whole body. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');

const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    body,
  );
