import { createHash } from 'node:crypto';
import type { Response } from '../adapters/http.ts';
import type { AlertKind, Language } from '../core/alerts/kinds.ts';
import type { MuteState } from '../core/alerts/mutes.ts';
import { cleanText } from '../core/mail/clean.ts';
import { markup, Markup } from '../core/mail/markup.ts';
import { pageTextsIn } from './page-texts.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px 16px; background: #f0f3f6; color: #1c2530;
  font: 16px/24px -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 560px; margin: 0 auto; padding: 24px 32px 32px; background: #fff; border: 1px solid #dbe2e9;
  border-top: 4px solid #0b63ce; overflow-wrap: anywhere; }
h1 { margin: 0 0 16px; font-size: 22px; line-height: 29px; }
p { margin: 0 0 16px; }
button { padding: 11px 22px; border: 0; border-radius: 6px; background: #0b63ce; color: #fff; font: inherit;
  font-weight: 600; cursor: pointer; }
@media (prefers-color-scheme: dark) {
  body { background: #12181f; color: #e8edf2; }
  main { background: #1b232c; border-color: #2d3945; border-top-color: #0b63ce; }
}
`;

/** No script, nothing from elsewhere, in nobody's frame; the one form posts to where the page came from. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** How a kind of e-mail stands for its reader. */
export interface MuteView {
  readonly language: Language;
  readonly kind: AlertKind;
  readonly email: string;
  readonly customerName: string;
  readonly state: MuteState;
  /** Whether somebody pressed a button, and did not only follow the link. @default false */
  readonly posted?: boolean;
}

/** The page of one contact and kind: one button at most, which posts to the address of the page itself. */
export function mutePage({ language, kind, email, customerName, state, posted = false }: MuteView): Response {
  const texts = pageTextsIn(language);
  const about = { mails: texts.mails[kind], customer: cleanText(customerName), email: cleanText(email, 254) };
  switch (state) {
    case 'muted':
      return page(200, language, texts.muted.title(about), [texts.muted.text(about)], {
        name: 'undo',
        label: texts.muted.undo,
      });
    case 'unmuted':
      return posted
        ? page(200, language, texts.unmuted.title(about), [texts.unmuted.text(about)])
        : page(200, language, texts.ask.title(about), [texts.ask.text(about)], {
            name: 'mute',
            label: texts.ask.button,
          });
    case 'needed':
      return page(posted ? 409 : 200, language, texts.needed.title(about), [
        texts.needed.text(about),
        texts.needed.remedy,
      ]);
  }
}

/** The same whether a link is damaged, forged, or of a customer that is gone. */
export function invalidPage(language: Language): Response {
  const { title, text } = pageTextsIn(language).invalid;
  return page(400, language, title, [text]);
}

export function unavailablePage(language: Language): Response {
  const { title, text } = pageTextsIn(language).unavailable;
  return page(503, language, title, [text], undefined, { 'retry-after': '60' });
}

function page(
  statusCode: number,
  language: Language,
  title: string,
  paragraphs: readonly string[],
  button?: { readonly name: string; readonly label: string },
  headers: Record<string, string> = {},
): Response {
  const form =
    button &&
    markup`<form method="post"><button name="${button.name}" value="1">${button.label}</button></form>\n`;
  return {
    statusCode,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': POLICY,
      // The address holds the token: it goes to nobody else, and into no cache or index.
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${form}</main>
</body>
</html>
`.text,
  };
}
