import type {
  MailBlock,
  MailDocument,
  MailFact,
  MailFootnote,
  MailLink,
  MailList,
  MailRow,
} from './document.ts';

/** Lines of plain text are broken at this length; names and addresses never are. */
const WIDTH = 72;

/** The document as plain text. Whatever hosts chose stands on a line of its own that is never broken. */
export function renderText({ note, headline, about, blocks, action, footer }: MailDocument): string {
  return [
    ...(note === undefined ? [] : [wrapped(note)]),
    `${wrapped(headline)}\n${'='.repeat(Math.min(headline.length, WIDTH))}\n${about}`,
    ...blocks.flatMap(blockParts),
    ...(action ? [linkLine(action)] : []),
    ['-'.repeat(WIDTH), ...footer.map(footnoteLines)].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function blockParts({ title, paragraphs, consequence, steps, lists, more }: MailBlock): string[] {
  return [
    ...(title === undefined ? [] : [`${wrapped(title)}\n${'-'.repeat(Math.min(title.length, WIDTH))}`]),
    ...paragraphs.map((paragraph) => wrapped(paragraph)),
    ...(consequence === undefined ? [] : [wrapped(consequence)]),
    ...(steps ? [[steps.title, ...steps.items.map(stepLines)].join('\n')] : []),
    ...lists.flatMap(listParts),
    ...(more ? [[more.text, ...(more.link ? [linkLine(more.link)] : [])].join('\n')] : []),
  ];
}

const listParts = ({ title, caption, rows }: MailList): string[] => [
  ...(title === undefined ? [] : [`${title}:`]),
  ...(caption === undefined ? [] : [caption]),
  ...rows.map(rowLines),
];

const rowLines = ({ name, url, ids, facts }: MailRow): string =>
  [`* ${name}`, ...[...ids, ...facts].map(factLine), ...(url === undefined ? [] : [`  ${url}`])].join('\n');

const factLine = ({ label, value }: MailFact): string => `  ${label}: ${value}`;

const linkLine = ({ label, url }: MailLink): string => `${label}: ${url}`;

const stepLines = (step: string, index: number): string => {
  const mark = `${index + 1}. `;
  return `${mark}${wrapped(step, ' '.repeat(mark.length))}`;
};

const footnoteLines = ({ text, link }: MailFootnote): string =>
  link ? `${wrapped(text)}\n${linkLine(link)}` : wrapped(text);

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
