import type { Mail } from './mailbox.ts';

export interface ControlPageContent {
  readonly now: Date;
  readonly mails: readonly Mail[];
  readonly clockIsFixed: boolean;
}

/** The page at `/_local/`: everything shown is text, whatever it holds. */
export function controlPage({ now, mails, clockIsFixed }: ControlPageContent): string {
  const buttons = ['1h', '1d', '7d', '34d', '36d', '400d']
    .map((step) => `<button data-advance="${step}">+ ${step}</button>`)
    .join(' ');
  const mailbox =
    mails.length === 0 ? '<p class="quiet">No e-mail was sent yet.</p>' : mails.map(mailArticle).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Automated licensing on this machine</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; border-bottom: 1px solid #d8dee6; }
  time { font-variant-numeric: tabular-nums; font-weight: 600; }
  button { font: inherit; padding: .3rem .7rem; border: 1px solid #9aa7b5; border-radius: .4rem; background: #f4f6f9; cursor: pointer; }
  article { border: 1px solid #d8dee6; border-radius: .5rem; padding: .8rem 1rem; margin: .8rem 0; }
  article h3 { margin: 0 0 .3rem; font-size: 1rem; } article pre { white-space: pre-wrap; margin: .6rem 0 0; font: inherit; }
  .quiet { color: #5b6776; }
</style>
<h1>Automated licensing on this machine</h1>
<h2>Clock</h2>
<p>The service's clock shows <time>${escape(now.toISOString())}</time></p>
<p>${clockIsFixed ? 'It cannot be moved: an outside endpoint is in use.' : buttons}</p>
<h2>Mailbox</h2>
${mailbox}
<h2>Schedules</h2>
<p class="quiet">The template has none.</p>
<h2>For programs</h2>
<p><a href="/_local/mail">/_local/mail</a> · <a href="/_local/clock">/_local/clock</a> · <a href="/v1/ping">/v1/ping</a> · <a href="/.well-known/jwks.json">/.well-known/jwks.json</a></p>
<script src="/_local/page.js"></script>
</html>
`;
}

const mailArticle = ({ to, from, subject, text, sentAt }: Mail): string => `<article>
<h3>${escape(subject)}</h3>
<p class="quiet">${escape(sentAt)} · from ${escape(from)} · to ${escape(to.join(', '))}</p>
<pre>${escape(text)}</pre>
</article>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
