import * as z from 'zod/mini';
import { idField } from '../fields.ts';
import { EXAMPLE_LICENSE_ID } from './examples.ts';
import type { Parameter } from './operation.ts';

/** An instant in an answer, as `isoOf` writes it; ERPs that write 9999-12-31 for "no end" bring a year of six digits. */
export const instantField = z
  .string()
  .check(
    z.regex(/^(?:\d{4}|\+\d{6})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
    z.meta({ description: 'Instant, ISO 8601 in UTC' }),
  );

/** A license file: JWS compact serialization. */
export const fileField = z.string().check(z.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/));

export const licenseIdParameter: Parameter = {
  schema: idField,
  description: 'Id of the license, for life',
  example: EXAMPLE_LICENSE_ID,
};

export const idempotencyKey: Parameter = {
  schema: z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/)),
  description:
    'Chosen by the caller: the same key and order give the same license, however often they are sent',
  example: '6b1f0c52-4711',
};
