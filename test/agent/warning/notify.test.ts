import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../agent/src/clock.ts';
import { FRESH_STATE, stateAfter, type AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import { sendMail } from '../../../agent/src/warning/mail.ts';
import { notify, runOnRenewed, type NotifySettings } from '../../../agent/src/warning/notify.ts';
import { genuineFile, NOW, unreachable } from '../loop/builders.ts';
import { startSmtpServer } from './smtp-server.ts';

let folder: string;
let log: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-notify-'));
  log = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = { PATH: process.env['PATH'] };
const settings = (more: Partial<NotifySettings> = {}): NotifySettings => ({
  environment,
  log: (line) => log.push(line),
  ...more,
});

const file = genuineFile({ iat: NOW - 26 * DAY });
const FAILING: AttemptState = stateAfter(FRESH_STATE, unreachable(), NOW - 25 * DAY);
const at = (path = '/licenses/es.lic') => ({ path, file });

/** A command that appends what it learns to a file. */
async function recorder(): Promise<{ command: string; read: () => Promise<string> }> {
  const script = join(folder, 'record.sh');
  const output = join(folder, 'recorded');
  await writeFile(script, `#!/bin/sh\nenv | grep ^LICENSE_ | sort >> '${output}'\necho -- >> '${output}'\n`);
  await chmod(script, 0o755);
  return { command: script, read: () => readFile(output, 'utf8') };
}

describe('a warning', () => {
  it('is logged on one line and given to the command once a UTC day', async () => {
    const { command, read } = await recorder();
    let state = FAILING;
    for (const hours of [0, 1, 13, 14, 20]) {
      state = await notify(at(), state, NOW + hours * HOUR, settings({ onExpiring: command }));
    }
    expect(state.warnedOn).toBe('2026-11-25');
    expect(log.length).toBe(2);
    expect(log[0]).toMatch(/^\/licenses\/es\.lic: The license file of ES .* expires in 9 days/);
    expect(log[0]).not.toContain('\n');
    const runs = (await read()).split('--\n').filter(Boolean);
    expect(runs.length).toBe(2);
    expect(runs[0]).toContain('LICENSE_EXPIRES=2026-12-03T10:00:00Z\n');
    expect(runs[0]).toContain('LICENSE_FAILURE=connect\n');
    expect(runs[0]).toContain('LICENSE_FILE=/licenses/es.lic\n');
    expect(runs[0]).toContain('LICENSE_PRODUCT=ES\n');
    expect(runs[0]).toContain('LICENSE_WARNING=renewal-fails\n');
  });

  it('is none for a file that is well, and changes nothing then', async () => {
    const state = await notify({ path: '/x', file: genuineFile() }, FRESH_STATE, NOW, settings());
    expect(state).toBe(FRESH_STATE);
    expect(log).toEqual([]);
  });

  it('is left to the next start where the agent is ending', async () => {
    const state = await notify(at(), FAILING, NOW, settings({ signal: AbortSignal.abort() }));
    expect(state).toBe(FAILING);
    expect(log).toEqual([]);
  });

  it('puts nothing from outside on a command line, and gives data that is data to every shell', async () => {
    const { command, read } = await recorder();
    const nasty = '"; touch owned; `id` $(id) & %PATH% | <x>\n\u001b[0m';
    const hostile = genuineFile({ iat: NOW - 26 * DAY, product: nasty, sub: nasty });
    const state = stateAfter(FRESH_STATE, { kind: 'refused', code: 'license-revoked', detail: nasty }, NOW);
    await notify(
      { path: "/licenses/it's $HOME.lic", file: hostile },
      state,
      NOW,
      settings({ onExpiring: command }),
    );
    const recorded = await read();
    expect(recorded).toContain("LICENSE_FILE=/licenses/it's $HOME.lic\n");
    expect(recorded.replace(/^LICENSE_FILE=.*\n/m, '')).not.toMatch(/["`$&|<>%;\u001b]/);
  });

  it('logs a command that fails, with what it said, and goes on', async () => {
    const state = await notify(at(), FAILING, NOW, settings({ onExpiring: 'echo no pager >&2; exit 3' }));
    expect(state.warnedOn).toBe('2026-11-24');
    expect(log[1]).toContain('the command of --on-expiring failed: it ended with code 3: no pager');
  });
});

describe('a warning by e-mail', () => {
  const mail = (address: string) => ({
    url: `smtp://${address}`,
    from: 'agent@acme.example',
    to: 'ops@acme.example',
  });

  it('goes through the relay as plain text, once a day', async () => {
    const relay = await startSmtpServer();
    const said = await notify(at(), FAILING, NOW, settings({ mail: mail(relay.address) }));
    expect(await notify(at(), said, NOW + HOUR, settings({ mail: mail(relay.address) }))).toEqual(said);
    await relay.stop();
    expect(said).toMatchObject({ warnedOn: '2026-11-24', mailedOn: '2026-11-24' });
    expect(relay.mails.length).toBe(1);
    expect(relay.mails[0]).toMatchObject({ from: 'agent@acme.example', to: ['ops@acme.example'] });
    const data = relay.mails[0]?.data ?? '';
    expect(data).toContain('Subject: License of ES expires soon: renewal fails\n');
    expect(data).toContain('Content-Type: text/plain');
    expect(data).toContain('Auto-Submitted: auto-generated');
    expect(data).toContain('expires in 9 days');
    expect(data).toContain('/licenses/es.lic');
  });

  it('that the relay does not take is sent again with the next attempt, without a second line or command', async () => {
    const relay = await startSmtpServer({ answerToData: '452 disk full' });
    const { command, read } = await recorder();
    const all = settings({ mail: mail(relay.address), onExpiring: command });
    const failed = await notify(at(), FAILING, NOW, all);
    expect(failed.mailedOn).toBeUndefined();
    expect(log[1]).toContain('could not be sent');
    expect(log[1]).toContain('452 disk full');
    relay.become({});
    const sent = await notify(at(), failed, NOW + HOUR, all);
    await relay.stop();
    expect(sent.mailedOn).toBe('2026-11-24');
    expect(relay.mails.length).toBe(1);
    expect(log.length).toBe(2);
    expect((await read()).split('--\n').filter(Boolean).length).toBe(1);
  });

  it('has headers of its own only, whatever the license says', async () => {
    const relay = await startSmtpServer();
    const hostile = genuineFile({ iat: NOW - 26 * DAY, product: 'ES\r\nBcc: eve@evil.example\r\n\r\nhello' });
    await notify({ path: '/x', file: hostile }, FAILING, NOW, settings({ mail: mail(relay.address) }));
    await relay.stop();
    expect(relay.mails[0]?.to).toEqual(['ops@acme.example']);
    expect(relay.mails[0]?.data).not.toMatch(/^Bcc:/m);
  });

  it('does not wait for a relay that says nothing', async () => {
    const relay = await startSmtpServer({ isSilent: true });
    const result = await sendMail(mail(relay.address), { subject: 's', text: 't' }, 200);
    await relay.stop();
    expect(result.kind).toBe('failed');
  });

  it('never shows the password: not of a URL that is none, nor where the relay quotes the login', async () => {
    const relay = await startSmtpServer({ refusesLogin: true });
    const message = { subject: 's', text: 't' };
    const results = await Promise.all([
      sendMail({ ...mail(''), url: `smtp://robot:Pa%3Ass@${relay.address}` }, message, 2000),
      sendMail({ ...mail(''), url: 'smtp://robot:Pa%3Ass@host name:99999' }, message, 2000),
      sendMail({ ...mail(''), url: 'smtp://robot:Pa%3Ass@127.0.0.1:1' }, message, 2000),
    ]);
    await relay.stop();
    for (const result of results) {
      expect(result.kind).toBe('failed');
      const shown = JSON.stringify(result);
      const login = Buffer.from('\0robot\0Pa:ss').toString('base64');
      for (const secret of ['Pa%3Ass', 'Pa:ss', login]) expect(shown).not.toContain(secret);
    }
    expect(results[0]).toMatchObject({ detail: expect.stringContaining('535') as string });
  });
});

describe('the command after a renewal', () => {
  it('learns what was renewed, and when the file before it would have expired', async () => {
    const { command, read } = await recorder();
    const renewed = { path: '/licenses/es.lic', file: genuineFile({ seq: 2 }), before: file };
    expect((await runOnRenewed(command, renewed, settings())).kind).toBe('ok');
    expect((await read()).split('\n').slice(0, -2)).toEqual([
      'LICENSE_EXPIRED_BEFORE=2026-12-03T10:00:00Z',
      'LICENSE_EXPIRES=2026-12-29T10:00:00Z',
      'LICENSE_FILE=/licenses/es.lic',
      'LICENSE_ID=lic_1',
      'LICENSE_PRODUCT=ES',
      'LICENSE_SERIAL=serial-2',
    ]);
    expect(log).toEqual([]);
  });
});
