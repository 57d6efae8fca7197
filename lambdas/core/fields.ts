import * as z from 'zod/mini';
import { isDay, isTimeZone } from './calendar.ts';

/** Ids of customers, contracts, products, options and installations; a `#` in one would break the keys of the tables. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** No control characters, line separators or halves of surrogate pairs: names go into e-mails and license files. */
const CLEAN = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;

/** The name of an installation where none is given. */
export const DEFAULT_INSTALLATION = 'main';

export const isId = (text: string): boolean => ID.test(text);

const ID_MESSAGE =
  'must be 1 to 64 letters, digits, dots, hyphens or underscores, and start with a letter or digit';
export const idField = z.string(ID_MESSAGE).check(z.regex(ID, ID_MESSAGE));

const DAY_MESSAGE = 'must be a day of the calendar, such as 2026-12-31';
export const dayField = z.string(DAY_MESSAGE).check(
  z.refine(isDay, DAY_MESSAGE),
  // What a refinement asks for is told to the schema as well: JSON Schema cannot see into functions.
  z.meta({ format: 'date', pattern: '^(?:19[7-9]\\d|[2-9]\\d{3})-\\d{2}-\\d{2}$' }),
);

const ZONE_MESSAGE = 'must be an IANA time zone, such as Europe/Berlin';
export const timeZoneField = z
  .string(ZONE_MESSAGE)
  .check(
    z.refine(isTimeZone, ZONE_MESSAGE),
    z.meta({ description: 'IANA time zone', pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$' }),
  );

/** One line of text for people. */
export function lineField(maxLength: number) {
  const message = `must be one line of 1 to ${maxLength} characters, without control characters`;
  return z.string(message).check(
    z.maxLength(maxLength, message),
    z.refine((text) => CLEAN.test(text) && text.trim() !== '', message),
    z.meta({ minLength: 1, description: 'One line of text, not blank, without control characters' }),
  );
}

export function wholeNumberField(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z.number(message).check(
    z.refine(
      (value) => Number.isSafeInteger(value) && !Object.is(value, -0) && value >= minimum && value <= maximum,
      message,
    ),
    z.meta({ type: 'integer', minimum, maximum }),
  );
}

export function choiceField<const Choices extends readonly string[]>(choices: Choices) {
  return z.enum(choices, `must be one of ${choices.join(', ')}`);
}

export function listField<Item extends z.ZodMiniType>(item: Item, minimum: number, maximum: number) {
  const message = `must be a list of ${minimum} to ${maximum}`;
  return z.array(item, message).check(z.minLength(minimum, message), z.maxLength(maximum, message));
}
