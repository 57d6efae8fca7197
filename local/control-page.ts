import { createHash } from 'node:crypto';
import type { Mail } from './mailbox.ts';

/** More are listed by `GET /_local/mail`. */
const MAX_MAILS = 200;
const STEPS = ['1h', '1d', '16d', '35d', '400d'];

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2530, #e8edf2); --soft: light-dark(#5b6b7b, #9fb0c0);
  --card: light-dark(#fff, #1b232c); --page: light-dark(#f2f5f8, #12181f); --edge: light-dark(#dbe2e9, #2d3945);
  --accent: light-dark(#0b63ce, #6cb1ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
p { margin: 0 0 .75rem; } .soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--edge); border-radius: .75rem; padding: 1.25rem; margin-top: 1.25rem; }
time.now { display: block; font-size: 1.75rem; font-variant-numeric: tabular-nums; margin-bottom: .75rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
button, input { font: inherit; color: inherit; padding: .35rem .8rem; border-radius: .5rem; border: 1px solid var(--edge); background: var(--page); }
button { cursor: pointer; } button:hover, button:focus-visible { border-color: var(--accent); color: var(--accent); }
input { width: 8rem; } a { color: var(--accent); }
output { color: var(--soft); }
details { border-top: 1px solid var(--edge); } details:first-of-type { border-top: 0; }
summary { cursor: pointer; padding: .6rem 0; overflow-wrap: anywhere; }
summary span { color: var(--soft); font-size: .9rem; display: block; padding-left: 1.1rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--page); padding: .75rem; border-radius: .5rem; margin: 0 0 .75rem; }
iframe { width: 100%; height: 24rem; border: 1px solid var(--edge); border-radius: .5rem; background: #fff; margin-bottom: .75rem; }
`;

const SCRIPT = `
const form = document.querySelector('form');
const advance = async (duration) => {
  const message = form.querySelector('output');
  message.textContent = 'Moving the clock …';
  const response = await fetch('clock', { method: 'POST', body: JSON.stringify({ advance: duration }) });
  if (response.ok) location.reload();
  else message.textContent = (await response.json()).detail;
};
for (const button of document.querySelectorAll('button[value]')) {
  button.addEventListener('click', () => advance(button.value));
}
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  advance(form.elements.advance.value.trim());
});
`;

export interface ControlPageContent {
  readonly now: Date;
  /** Newest first. */
  readonly mails: readonly Mail[];
  readonly clockFixedBecause: string | undefined;
}

export interface ControlPage {
  readonly html: string;
  /** For the Content-Security-Policy: no other script runs, whatever an e-mail contains. */
  readonly scriptHash: string;
}

/** The page for people: clock, mailbox and schedules. */
export const controlPage = (content: ControlPageContent): ControlPage => ({
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Licensing on this machine</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Licensing on this machine</h1>
<p class="soft">The local run of the service. Its public keys are at <a href="/.well-known/jwks.json">/.well-known/jwks.json</a>,
its fixed answer at <a href="/v1/ping">/v1/ping</a>.</p>
<section aria-labelledby="clock"><h2 id="clock">Clock</h2>${clockPart(content)}</section>
<section aria-labelledby="mailbox"><h2 id="mailbox">Mailbox</h2>${mailPart(content.mails)}</section>
<section aria-labelledby="schedules"><h2 id="schedules">Schedules</h2><p class="soft">The template has no schedules.</p></section>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`,
  scriptHash: `sha256-${createHash('sha256').update(SCRIPT).digest('base64')}`,
});

function clockPart({ now, clockFixedBecause }: ControlPageContent): string {
  const iso = now.toISOString();
  const shown = `<time class="now" datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
  if (clockFixedBecause !== undefined) return `${shown}<p class="soft">${escape(clockFixedBecause)}</p>`;
  const buttons = STEPS.map((step) => `<button type="button" value="${step}">+ ${step}</button>`).join('');
  return `${shown}<form>${buttons}
<input name="advance" placeholder="1d12h" aria-label="Duration" pattern="(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?">
<button>Advance</button><output role="status"></output></form>`;
}

function mailPart(mails: readonly Mail[]): string {
  if (mails.length === 0) return '<p class="soft">No e-mail was sent so far.</p>';
  const shown = mails.slice(0, MAX_MAILS).map(
    ({ to, from, subject, text, html, sentAt }) => `<details>
<summary>${escape(subject)}<span>${escape(sentAt)} to ${escape(to.join(', '))} from ${escape(from)}</span></summary>
${text === '' ? '' : `<pre>${escape(text)}</pre>`}
${html === '' ? '' : `<iframe sandbox title="HTML of the e-mail" srcdoc="${escape(html)}"></iframe>`}
</details>`,
  );
  const more = mails.length - shown.length;
  return (
    shown.join('\n') +
    `<p class="soft">${more > 0 ? `${more} more. ` : ''}All of it as <a href="/_local/mail">JSON</a>.</p>`
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
