import { createHash } from 'node:crypto';
import { STYLE } from './control-page-style.ts';
import { escape, foreign, moment } from './html.ts';
import type { Mail } from './mailbox.ts';
import { mailboxView } from './mailbox-view.ts';
import type { ScheduleView } from './schedules.ts';

const STEPS = ['1h', '1d', '16d', '35d', '400d'];

const SCRIPT = `
const post = async (path, message, body) => {
  const response = await fetch(path, { method: 'POST', body });
  if (response.ok) return response.json();
  message.textContent = (await response.json()).detail;
  throw new Error(message.textContent);
};
const busy = (is) => { for (const button of document.querySelectorAll('button')) button.disabled = is; };

const form = document.querySelector('#advance');
const advance = async (duration) => {
  const message = form.querySelector('output');
  message.textContent = 'Moving the clock, and running what is due on the way …';
  busy(true);
  await post('clock', message, JSON.stringify({ advance: duration })).then(() => location.reload(), () => busy(false));
};
for (const button of document.querySelectorAll('button[value]')) {
  button.addEventListener('click', () => advance(button.value));
}
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  advance(form.elements.advance.value.trim());
});

for (const button of document.querySelectorAll('button[data-run]')) {
  button.addEventListener('click', async () => {
    const message = document.querySelector('#ran');
    message.textContent = 'Running ' + button.dataset.run + ' …';
    busy(true);
    const path = 'run/' + encodeURIComponent(button.dataset.run);
    const result = await post(path, message).catch(() => undefined);
    busy(false);
    if (result !== undefined) message.textContent = button.dataset.run + ' answered ' + JSON.stringify(result, null, 1);
    message.after(reload);
  });
}
const reload = document.createElement('button');
reload.textContent = 'Show what it did';
reload.addEventListener('click', () => location.reload());

const READ = 'read-mails';
const read = new Set(JSON.parse(localStorage.getItem(READ) ?? '[]'));
for (const mail of document.querySelectorAll('.mail')) {
  mail.classList.toggle('read', read.has(mail.dataset.mail));
  mail.addEventListener('toggle', () => {
    if (!mail.open) return;
    mail.classList.add('read');
    read.add(mail.dataset.mail);
    localStorage.setItem(READ, JSON.stringify([...read].slice(-1000)));
  });
}
`;

export interface ControlPageContent {
  readonly now: Date;
  /** Newest first. */
  readonly mails: readonly Mail[];
  readonly schedules: readonly ScheduleView[];
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
<section aria-labelledby="clock"><h2 id="clock">Clock</h2><div class="pad">${clockPart(content)}</div></section>
<section aria-labelledby="mailbox"><h2 id="mailbox">Mailbox</h2>${mailboxView(content.mails)}</section>
<section aria-labelledby="schedules"><h2 id="schedules">Schedules</h2>${schedulesPart(content.schedules)}</section>
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
  return `${shown}<form id="advance">${buttons}
<input name="advance" placeholder="1d12h" aria-label="Duration" pattern="(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?">
<button>Advance</button><output role="status"></output></form>`;
}

function schedulesPart(schedules: readonly ScheduleView[]): string {
  if (schedules.length === 0) return '<p class="soft pad">The template has no schedules.</p>';
  const rows = schedules.map(
    (schedule) => `<tr>
<td>${foreign(schedule.name)}${schedule.name === schedule.functionName ? '' : `<small>${foreign(schedule.functionName)}</small>`}</td>
<td>${escape(schedule.expression)}<small>${escape(schedule.timeZone)}</small></td>
<td>${nextDue(schedule)}</td>
<td>${lastRun(schedule)}</td>
<td><button type="button" data-run="${escape(schedule.name)}">Run now</button></td>
</tr>`,
  );
  return `<div class="scroll"><table>
<thead><tr><th>Name</th><th>Due</th><th>Next (UTC)</th><th>Last run (UTC)</th><th></th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
<p class="pad"><output id="ran" role="status"></output></p>`;
}

function nextDue({ isEnabled, nextDueAt }: ScheduleView): string {
  if (!isEnabled) return '<span class="soft">switched off</span>';
  return nextDueAt === undefined ? '<span class="soft">never again</span>' : moment(nextDueAt);
}

function lastRun({ lastRun: run }: ScheduleView): string {
  if (run === undefined) return '<span class="soft">not yet</span>';
  const by = run.startedBy === 'hand' ? ', by hand' : '';
  const outcome = `<small><span class="${run.outcome}">${run.outcome}</span>${by}</small>`;
  return `${moment(run.at)}${outcome}${run.error === undefined ? '' : `<small>${foreign(run.error)}</small>`}`;
}
