import fc from 'fast-check';

const PIECES = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><a href="https://evil.example">',
  '&lt;b&gt;',
  '\r\nBcc: x@evil.example\r\n\r\n',
  '\n* forged.host\n',
  '\u2028\u2029\x85\v\f',
  '\u202e\u2066\u200f',
  '\u200b\u2060\ufeff\u00ad',
  '\0\x1b[31m\x07',
  '\ud800',
  'https://evil.example/login',
  '${constructor}',
  '-->',
  'a'.repeat(4096),
];

/** Text that wants to be more than text. */
export const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), { maxLength: 5 })
    .map((all) => all.join('')),
);

/** Tags and attributes that the layout itself writes: with harmless text there are just as many. */
export const tagsOf = (html: string): string[] => html.match(/<[^>]*>/g) ?? [];

export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
