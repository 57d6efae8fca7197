import { bodyInvalid } from '../core/body.ts';
import { isId } from '../core/fields.ts';
import { Problem, type ProblemCode } from '../core/problem.ts';
import { bodyOf, type Request } from './http.ts';

/** Largest document taken of a vendor, in bytes. */
const MAX_DOCUMENT_BYTES = 256 * 1024;

/**
 * The body of a request as JSON, whatever its media type.
 * @throws {Problem} `body-too-large`, `body-invalid`
 */
export function jsonBodyOf(event: Request): unknown {
  const bytes = bodyOf(event, MAX_DOCUMENT_BYTES);
  if (!bytes) throw new Problem('body-too-large', { detail: 'A document has at most 256 KiB.' });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw bodyInvalid([{ path: '', message: 'must be JSON in UTF-8' }]);
  }
}

/**
 * What makes a retry find the work of the first try.
 * @throws {Problem} `body-invalid`
 */
export function idempotencyKeyOf({ headers }: Request): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw bodyInvalid([{ path: 'Idempotency-Key', message: 'must be 1 to 128 visible ASCII characters' }]);
}

/**
 * An id in the path.
 * @throws {Problem} `notFound`: what cannot be an id cannot be known.
 */
export function pathId(event: Request, name: string, notFound: ProblemCode): string {
  const id = event.pathParameters?.[name];
  if (id === undefined || !isId(id)) throw new Problem(notFound);
  return id;
}
