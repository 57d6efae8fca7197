/** Writes every sample e-mail in every language into a folder, with a page that links them: `npm run mails -- [folder]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LANGUAGES } from '../lambdas/core/alerts/kinds.ts';
import { markup } from '../lambdas/core/mail/markup.ts';
import { samples } from './samples.ts';

const folder = resolve(process.argv[2] ?? '.local/mails');
mkdirSync(folder, { recursive: true });

const mails = samples.flatMap(({ name, compose }) =>
  LANGUAGES.map((language) => ({ name: `${name}.${language}`, language, ...compose(language) })),
);
for (const { name, html, text } of mails) {
  writeFileSync(join(folder, `${name}.html`), html);
  writeFileSync(join(folder, `${name}.txt`), text);
}

const rows = mails.map(
  ({ name, language, subject, html }) =>
    markup`<tr lang="${language}"><td>${subject}</td><td><a href="${name}.html">${name}</a></td><td><a href="${name}.txt">text</a></td><td>${Math.ceil(Buffer.byteLength(html) / 1000)} kB</td></tr>\n`,
);
writeFileSync(
  join(folder, 'index.html'),
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>E-mails</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
td { border-top: 1px solid #8884; padding: .3rem .8rem; vertical-align: top; }
</style>
</head>
<body>
<h1>${mails.length} e-mails</h1>
<table>
${rows}</table>
</body>
</html>
`.text,
);
process.stdout.write(`${folder}\n`);
