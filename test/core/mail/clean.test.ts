import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanHostText, cleanText } from '../../../lambdas/core/mail/clean.ts';
import { markup } from '../../../lambdas/core/mail/markup.ts';

describe('text of others in an e-mail', () => {
  it.each([
    ['control characters', 'rip\r\n-\x1b01\0', 'rip-01'],
    ['direction marks', '\u202e\u2066rip\u200f-01', 'rip-01'],
    ['zero-width characters', 'r\u200bi\u2060p\ufeff', 'rip'],
    ['fillers that look like nothing', 'rip\u3164\u115f\u034f-01', 'rip-01'],
    ['characters of private use', 'rip\ue000-01', 'rip-01'],
    ['spaces that pad', 'rip \u00a0\u2003  01', 'rip 01'],
  ])('loses %s', (_name, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('keeps letters of any script', () => {
    expect(cleanText('Büro 東京 مطبعة')).toBe('Büro 東京 مطبعة');
  });

  it('is cut to 60 characters with an ellipsis, and never in the middle of one', () => {
    expect(cleanText('a'.repeat(60))).toBe('a'.repeat(60));
    expect(cleanText('a'.repeat(61))).toBe(`${'a'.repeat(59)}…`);
    expect(cleanText('🖨'.repeat(4096))).toBe(`${'🖨'.repeat(59)}…`);
  });

  it('does not paint over other lines with a tower of accents', () => {
    expect(cleanText(`Z${'\u0335'.repeat(50)}!`)).toBe(`Z${'\u0335'.repeat(4)}!`);
  });
});

describe('a host name or id in an e-mail', () => {
  it.each(['rip-01', 'rip-01.acme.example', 'RIP_01', 'büro-3.lan', 'H-0001', '10.0.0.7'])(
    'stays as it is where it is an ordinary one: %s',
    (name) => {
      expect(cleanHostText(name)).toBe(name);
    },
  );

  it.each([
    ['https://evil.example/x', 'https[:]//evil[.]example/x'],
    ['www.evil.example', 'www[.]evil[.]example'],
    ['log in at evil.example', 'log in at evil[.]example'],
    ['help@evil.example', 'help[at]evil[.]example'],
    ['evil.example/login', 'evil[.]example/login'],
  ])('is taken apart where a mail program would make a link of it: %s', (name, expected) => {
    expect(cleanHostText(name)).toBe(expected);
  });

  it('is one short visible line, whatever text comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const clean = cleanHostText(text);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|:\/\/|@/u);
        expect(Array.from(clean).length).toBeLessThanOrEqual(60);
      }),
    );
  });
});

describe('markup', () => {
  it('escapes all that is put in, also in attributes and lists', () => {
    const evil = '<a href="x" onclick=\'y\'>&';
    const safe = '&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;';
    expect(markup`<p title="${evil}">${[evil, evil]}</p>`.text).toBe(`<p title="${safe}">${safe}${safe}</p>`);
  });

  it('keeps markup, writes numbers, and leaves out what is not there', () => {
    expect(markup`<p>${markup`<b>${'<'}</b>`}${0}${undefined}${false}</p>`.text).toBe('<p><b>&lt;</b>0</p>');
  });
});
