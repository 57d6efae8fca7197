import type {
  MailBlock,
  MailDocument,
  MailFact,
  MailFootnote,
  MailLink,
  MailList,
  MailRow,
} from './document.ts';
import { markup, type Markup } from './markup.ts';

const FONT = 'font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const BODY = 'font-size:16px;line-height:24px';
const SMALL = 'font-size:13px;line-height:19px';
const INK = 'color:#1c2530';
const SOFT = 'color:#5b6b7b';
const RULE = 'border-top:1px solid #dbe2e9';
const TABLE = markup`role="presentation" cellpadding="0" cellspacing="0" border="0"`;

const ACCENTS = { problem: '#d9730d', good: '#178a4c', neutral: '#2f7fe0' } as const;

/** Mail programs that know dark mode or a narrow screen find these classes; all others have the inline styles. */
const STYLE = markup`<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #12181f !important; }
  .card { background: #1b232c !important; border-color: #2d3945 !important; }
  .ink { color: #e8edf2 !important; }
  .soft { color: #a3b3c2 !important; }
  .edge { border-color: #2d3945 !important; }
  .note { background: #17324f !important; color: #d5e8ff !important; }
  .problem { background: #39290f !important; color: #ffe6c2 !important; }
  .link { color: #7dbaff !important; }
}
@media (max-width: 520px) {
  .pad { padding-left: 18px !important; padding-right: 18px !important; }
  .col { display: block !important; width: auto !important; }
  .left { padding-bottom: 2px !important; }
  .right { border-top: 0 !important; padding-top: 0 !important; }
}
</style>`;

/** The document as HTML for mail programs: tables, inline styles, nothing from elsewhere. */
export function renderHtml(document: MailDocument): string {
  const { language, tone, note, headline, about, blocks, action, footer } = document;
  return markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${headline}</title>
${STYLE}
</head>
<body class="page" style="margin:0;padding:0;background:#f0f3f6">
${preview(note ?? blocks[0]?.paragraphs[0])}<table ${TABLE} class="page" width="100%" style="background:#f0f3f6"><tr><td align="center" style="padding:20px 10px 32px">
<table ${TABLE} class="card" width="680" style="width:100%;max-width:680px;background:#ffffff;border:1px solid #dbe2e9"><tr><td style="height:4px;background:${ACCENTS[tone]};font-size:0;line-height:0">&nbsp;</td></tr><tr><td class="pad ink" align="left" style="padding:24px 32px 30px;${INK};${FONT}">
${note === undefined ? undefined : box('note', '#e7f1fd', '#2f7fe0', note)}<p class="soft" style="margin:0 0 4px;${SOFT};font-size:14px;line-height:20px">${about}</p>
<h1 class="ink" style="margin:0 0 18px;font-size:22px;line-height:29px;font-weight:600;${INK}">${headline}</h1>
${blocks.map(blockMarkup)}${action && button(action)}</td></tr></table>
${footer.length > 0 ? footerMarkup(footer) : undefined}</td></tr></table>
</body>
</html>
`.text;
}

/** What lists of e-mails show beside the subject line, which says the headline already. */
const preview = (text: string | undefined): Markup | undefined =>
  text === undefined
    ? undefined
    : markup`<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;opacity:0">${text}</div>
`;

function blockMarkup(
  { title, paragraphs, consequence, steps, lists, more }: MailBlock,
  index: number,
): Markup {
  const apart = index === 0 ? 'margin:0 0 10px' : `margin:30px 0 10px;padding-top:24px;${RULE}`;
  return markup`${
    title !== undefined &&
    markup`<h2 class="ink edge" style="${apart};font-size:18px;line-height:24px;font-weight:600;${INK}">${title}</h2>
`
  }${paragraphs.map((paragraph) => markup`<p style="margin:0 0 14px;${BODY}">${paragraph}</p>\n`)}${
    consequence !== undefined && box('problem', '#fff4e3', '#d9730d', consequence)
  }${steps && stepsMarkup(steps)}${lists.map(listMarkup)}${more && moreMarkup(more)}`;
}

const stepsMarkup = ({ title, items }: NonNullable<MailBlock['steps']>): Markup =>
  markup`<p style="margin:0 0 6px;${BODY};font-weight:600">${title}</p>
<ol style="margin:0 0 20px;padding:0 0 0 24px;${BODY}">
${items.map((item) => markup`<li style="margin:0 0 6px">${item}</li>\n`)}</ol>
`;

const moreMarkup = ({ text, link }: NonNullable<MailBlock['more']>): Markup =>
  markup`<p class="soft" style="margin:14px 0;font-size:15px;line-height:22px;${SOFT}">${text}${
    link && markup` · ${anchor(link)}`
  }</p>
`;

const listMarkup = ({ title, caption, rows }: MailList): Markup =>
  markup`${
    title !== undefined && markup`<p style="margin:18px 0 6px;${BODY};font-weight:600">${title}</p>\n`
  }${
    caption !== undefined &&
    markup`<p class="soft" style="margin:12px 0 8px;${SOFT};font-size:14px;line-height:20px">${caption}</p>\n`
  }${
    rows.length > 0 &&
    markup`<table ${TABLE} class="soft edge" width="100%" style="width:100%;margin:0 0 14px;border-bottom:1px solid #dbe2e9;word-break:break-word;${SOFT};${FONT};${SMALL}">
${rows.map(rowMarkup)}</table>
`
  }`;

/** Short, as there are up to a hundred: Gmail cuts an e-mail off at 102 kB. */
function rowMarkup({ name, url, ids, facts }: MailRow): Markup {
  const label = url === undefined ? name : anchor({ label: name, url });
  const about = ids.map((id) => markup`<br>${id.label} <bdi>${id.value}</bdi>`);
  const left = markup`<bdi class="ink" style="font-size:15px;font-weight:600;${INK}">${label}</bdi>${about}`;
  return facts.length === 0
    ? markup`<tr><td class="edge" style="padding:9px 0;${RULE}">${left}</td></tr>\n`
    : markup`<tr><td class="col left edge" width="50%" valign="top" style="padding:9px 12px 9px 0;${RULE}">${left}</td><td class="col right edge" valign="top" style="padding:9px 0;${RULE}">${facts.map(factMarkup)}</td></tr>\n`;
}

const factMarkup = ({ label, value }: MailFact, index: number): Markup =>
  markup`${index > 0 && markup`<br>`}${label} <span class="ink" style="${INK}">${value}</span>`;

const anchor = ({ label, url }: MailLink): Markup =>
  markup`<a class="link" href="${url}" style="color:#0b63ce">${label}</a>`;

const box = (name: string, background: string, edge: string, text: string): Markup =>
  markup`<table ${TABLE} width="100%" style="margin:0 0 18px"><tr><td class="${name} ink" style="padding:12px 16px;background:${background};border-left:4px solid ${edge};${INK};${FONT};${BODY}">${text}</td></tr></table>
`;

const button = ({ label, url }: MailLink): Markup =>
  markup`<table ${TABLE} style="margin:22px 0 0"><tr><td style="background:#0b63ce;border-radius:6px"><a href="${url}" style="display:inline-block;padding:11px 22px;color:#ffffff;${FONT};${BODY};font-weight:600;text-decoration:none">${label}</a></td></tr></table>
`;

const footerMarkup = (footer: readonly MailFootnote[]): Markup =>
  markup`<table ${TABLE} width="680" style="width:100%;max-width:680px"><tr><td class="pad soft" align="left" style="padding:16px 32px 0;${SOFT};${FONT};${SMALL}">
${footer.map(({ text, link }) => markup`<p style="margin:0 0 8px">${text}${link && markup` ${anchor(link)}`}</p>\n`)}</td></tr></table>
`;
