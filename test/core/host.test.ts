import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayName, isHostId } from '../../lambdas/core/host.ts';

describe('a host id', () => {
  it.each(['H', 'H-1', '!', '~', 'a'.repeat(128), '"quoted"', '{id}', "';--"])('may be %s', (id) => {
    expect(isHostId(id)).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['129 characters long', 'a'.repeat(129)],
    ['with a space inside', 'H 1'],
    ['with a space behind', 'H-1 '],
    ['with a tab', 'H\t1'],
    ['with a line break behind', 'H-1\n'],
    ['with a NUL', 'H-1\0'],
    ['with DEL', 'H\x7f'],
    ['with a letter that is not ASCII', 'Hé'],
    ['with a full-width letter', 'Ｈ'],
  ])('may not be %s', (_name, id) => {
    expect(isHostId(id)).toBe(false);
  });

  it('is exactly 1 to 128 characters from ! to ~', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 140 }), fc.string({ unit: 'binary', maxLength: 8 })),
        (text) => {
          const visible = Array.from(text).every((character) => character >= '!' && character <= '~');
          expect(isHostId(text)).toBe(visible && text.length >= 1 && text.length <= 128);
        },
      ),
    );
  });
});

describe('a host name', () => {
  it('is kept as it is where it is harmless', () => {
    expect(displayName('rip-01.example')).toBe('rip-01.example');
    expect(displayName('Büro 東京 🖨')).toBe('Büro 東京 🖨');
  });

  it('loses the whitespace around it', () => {
    expect(displayName('  rip-01 ')).toBe('rip-01');
  });

  it.each([
    ['control characters', 'rip\r\n-\x1b[31m01\0', 'rip-[31m01'],
    ['controls of the upper half', 'rip\x85\x9b-01', 'rip-01'],
    ['direction overrides', 'rip\u202e10-', 'rip10-'],
    ['invisible characters', 'rip\u200b\u2060\ufeff-01', 'rip-01'],
    ['halves of surrogate pairs', 'rip\ud83d-01\udda8', 'rip-01'],
  ])('loses %s', (_name, text, shown) => {
    expect(displayName(text)).toBe(shown);
  });

  it('loses line and paragraph separators, which break a line as control characters do', () => {
    expect(displayName('rip\u2028-\u202901')).toBe('rip-01');
  });

  it.each([[undefined], [''], ['   '], ['\r\n'], ['\u200b\u202e']])(
    'is absent where nothing is left of %j',
    (text) => {
      expect(displayName(text)).toBeUndefined();
    },
  );

  it('keeps markup, which is for the page or mail that shows it to escape', () => {
    expect(displayName('<b>&"')).toBe('<b>&"');
  });

  it('is cut to 255 characters, and never in the middle of one', () => {
    expect(displayName('a'.repeat(255))).toBe('a'.repeat(255));
    expect(displayName('a'.repeat(256))).toBe('a'.repeat(255));
    expect(displayName('🖨'.repeat(300))).toBe('🖨'.repeat(255));
  });

  it('is well-formed, short and stable, whatever text comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const shown = displayName(text);
        fc.pre(shown !== undefined);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        expect(Array.from(shown).length).toBeLessThanOrEqual(255);
        expect(displayName(shown)?.trim()).toBe(shown.trim());
      }),
    );
  });
});
