import { escape, foreign, moment } from './html.ts';
import type { Mail } from './mailbox.ts';

/** More are listed by `GET /_local/mail`. */
const MAX_MAILS = 200;
const SNIPPET_LENGTH = 140;

/** The mailbox as a mail client shows it: a list, each mail opening in place. */
export function mailboxView(mails: readonly Mail[]): string {
  if (mails.length === 0) return '<p class="soft pad">No e-mail was sent so far.</p>';
  const shown = mails.slice(0, MAX_MAILS);
  // Counted from the oldest, so that a mail keeps its number when more arrive.
  const rows = shown.map((mail, index) => mailView(mail, mails.length - index));
  const more = mails.length - shown.length;
  return `${rows.join('\n')}
<p class="soft pad edge">${more > 0 ? `${more} older ones are not shown. ` : ''}All of it as <a href="/_local/mail">JSON</a>.</p>`;
}

function mailView(mail: Mail, number: number): string {
  const { from, to, subject, text, html, sentAt } = mail;
  // Below the headline, which the subject line says already.
  const beginning = text.replace(/^.*\n=+\n/, '');
  const snippet = beginning.replace(/\s+/g, ' ').trim().slice(0, SNIPPET_LENGTH);
  return `<details class="mail" name="mail" data-mail="${number} ${escape(sentAt)}">
<summary>
<span class="from">${foreign(nameIn(from))}</span>
<span class="subject">${foreign(subject)}<span class="soft"> &nbsp;${foreign(snippet)}</span></span>
<span class="when soft">${moment(sentAt)}</span>
<span class="to soft">to ${foreign(to.join(', '))}</span>
</summary>
<article>
<h3>${foreign(subject)}</h3>
<dl>${headerRows(mail)}</dl>
${bodyView(number, text, html)}
</article>
</details>`;
}

function headerRows({ from, to, replyTo, sentAt, headers, tags, configurationSet }: Mail): string {
  const labels = Object.entries(tags).map(([name, value]) => `${name}: ${value}`);
  const rows: readonly (readonly [string, string])[] = [
    ['From', foreign(from)],
    ['To', foreign(to.join(', '))],
    ['Reply to', foreign(replyTo.join(', '))],
    ['Sent', `${moment(sentAt)} UTC`],
    ...Object.entries(headers).map(
      ([name, value]) => [escape(name), `<code>${escape(value)}</code>`] as const,
    ),
    ['Tags', labels.map((label) => `<span class="tag">${escape(label)}</span>`).join(' ')],
    ['Configuration set', escape(configurationSet ?? '')],
  ];
  return rows
    .filter(([, value]) => value !== '' && value !== foreign(''))
    .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
    .join('');
}

/** The HTML of a mail is a stranger's page: a sandbox without scripts, and the policy of this page, which loads nothing. */
function bodyView(number: number, text: string, html: string): string {
  const plain = `<pre>${escape(text)}</pre>`;
  if (html === '') return plain;
  const frame = `<iframe sandbox loading="lazy" title="The e-mail" srcdoc="${escape(html)}"></iframe>`;
  if (text === '') return frame;
  const choice = (view: string, label: string, state: string): string =>
    `<input type="radio" name="view-${number}" id="${view}-${number}" class="${view}"${state}><label for="${view}-${number}">${label}</label>`;
  return `<div class="views">${choice('as-html', 'As HTML', ' checked')}${choice('as-text', 'Plain text', '')}${frame}${plain}</div>`;
}

/** `Acme Licensing` in `"Acme Licensing" <licensing@vendor.example>`; the address where there is no name. */
function nameIn(sender: string): string {
  const name = sender
    .replace(/<[^<>]*>\s*$/, '')
    .replaceAll('"', '')
    .trim();
  return name === '' ? sender.replace(/[<>]/g, '') : name;
}
