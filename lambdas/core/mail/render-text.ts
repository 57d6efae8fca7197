import type { MailBlock, MailDocument, MailList, MailRow } from './document.ts';

/** Lines of plain text are broken at this length; names and addresses never are. */
const WIDTH = 72;

/** The document as plain text. Whatever hosts chose stands on a line of its own that is never broken. */
export function renderText({
  language,
  note,
  headline,
  about,
  blocks,
  action,
  footer,
}: MailDocument): string {
  // French sets the colon off.
  const named: Named = (label, value) => `${label}${language === 'fr' ? '\u00a0' : ''}: ${value}`;
  const footnotes = footer.map(({ text, link }) =>
    link ? `${wrapped(text)}\n${named(link.label, link.url)}` : wrapped(text),
  );
  return [
    ...(note === undefined ? [] : [wrapped(note)]),
    `${underlined(headline, '=')}\n${about}`,
    ...blocks.flatMap((block) => blockParts(block, named)),
    ...(action ? [named(action.label, action.url)] : []),
    ...(footnotes.length > 0 ? [['-'.repeat(WIDTH), ...footnotes].join('\n')] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

/** A value behind its label. */
type Named = (label: string, value: string) => string;

function blockParts(block: MailBlock, named: Named): string[] {
  const { title, paragraphs, consequence, steps, lists, more } = block;
  return [
    ...(title === undefined ? [] : [underlined(title, '-')]),
    ...paragraphs.map((paragraph) => wrapped(paragraph)),
    ...(consequence === undefined ? [] : [wrapped(consequence)]),
    ...(steps ? [[steps.title, ...steps.items.map(stepLines)].join('\n')] : []),
    ...lists.flatMap((list) => listParts(list, named)),
    ...(more ? [[more.text, ...(more.link ? [named(more.link.label, more.link.url)] : [])].join('\n')] : []),
  ];
}

const listParts = ({ title, caption, rows }: MailList, named: Named): string[] => [
  ...(title === undefined ? [] : [named(title, '').trimEnd()]),
  ...(caption === undefined ? [] : [caption]),
  ...rows.map((row) => rowLines(row, named)),
];

const rowLines = ({ name, url, ids, facts }: MailRow, named: Named): string =>
  [
    `* ${name}`,
    ...[...ids, ...facts].map(({ label, value }) => `  ${named(label, value)}`),
    ...(url === undefined ? [] : [`  ${url}`]),
  ].join('\n');

const underlined = (title: string, line: '=' | '-'): string =>
  `${wrapped(title)}\n${line.repeat(Math.min(title.length, WIDTH))}`;

const stepLines = (step: string, index: number): string => {
  const mark = `${index + 1}. `;
  return `${mark}${wrapped(step, ' '.repeat(mark.length))}`;
};

/** Broken between words; the lines after the first begin with `indent`, for which the first leaves room too. */
function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
