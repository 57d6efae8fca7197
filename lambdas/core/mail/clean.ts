import { displayName } from '../host.ts';

/** More of a name is not shown in an e-mail. */
const MAX_SHOWN = 60;

/** Marks above and below one letter; more only paint over other lines. */
const TOO_MANY_MARKS = /(\p{M}{4})\p{M}+/gu;

/** What an ordinary host name or id is made of. */
const ORDINARY_NAME = /^(?!www\.)[\p{L}\p{M}\p{N}._…-]*$/iu;

/** Text of others as one short line: nothing in it is invisible, turns the direction, breaks the line or pads it. */
export function cleanText(text: string | undefined, maxLength = MAX_SHOWN): string {
  const clean = (displayName(text) ?? '')
    .replace(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/\s+/gu, ' ')
    .replace(TOO_MANY_MARKS, '$1')
    .trim();
  const characters = Array.from(clean);
  if (characters.length <= maxLength) return clean;
  return `${characters
    .slice(0, maxLength - 1)
    .join('')
    .trimEnd()}…`;
}

/**
 * A host name or id as an e-mail shows it. Mail programs make links of whatever looks like one, so an address is taken apart;
 * an ordinary name with dots stays as it is.
 */
export function cleanHostText(text: string | undefined): string {
  const clean = cleanText(text);
  if (ORDINARY_NAME.test(clean)) return clean;
  return cleanText(clean.replaceAll('.', '[.]').replaceAll('://', '[:]//').replaceAll('@', '[at]'));
}

/** One plain address; what stands around the `@` cannot be taken for anything else. */
const PLAIN_ADDRESS = /^[A-Za-z0-9.!#$%&'*+=?^_`{|}~-]+@[A-Za-z0-9.-]+$/;

/** An e-mail address as an e-mail shows it; what is none is treated as the name of a host. */
export function cleanAddress(text: string): string {
  const clean = cleanText(text, 254);
  return PLAIN_ADDRESS.test(clean) ? clean : cleanHostText(text);
}
