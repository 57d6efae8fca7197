/** Host names are for display only; more than this many characters are not stored. */
const MAX_HOST_NAME = 255;

/** A host id is chosen by the product: 1 to 128 visible ASCII characters. */
export const isHostId = (text: string): boolean => /^[\x21-\x7e]{1,128}$/.test(text);

/** A host name without control, direction, line-breaking and broken characters, cut to its length; undefined if nothing is left. */
export function displayName(text: string | undefined): string | undefined {
  const clean = text?.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim();
  return clean ? Array.from(clean).slice(0, MAX_HOST_NAME).join('') : undefined;
}
