const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text from outside on one line, at most so many characters, without what could steer a terminal. */
export function printable(text: string, maxLength = 300): string {
  // Cut before the search, so that a huge text costs nothing.
  const characters = Array.from(text.slice(0, maxLength * 2).replace(UNPRINTABLE, '?'));
  return characters.length > maxLength ? `${characters.slice(0, maxLength).join('')}…` : characters.join('');
}
