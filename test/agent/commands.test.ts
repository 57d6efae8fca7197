import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig, readSettings } from '../../agent/src/settings.ts';
import { AtService } from './at-service.ts';

const at = new AtService();
beforeAll(() => at.open());
afterAll(() => at.close());

const claims = (path: string) => decodeJwt(readFileSync(path, 'utf8').trim());
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

beforeEach(() => {
  writeFileSync(at.file, at.sample('host-1'));
  for (const rest of ['.state.json', '.previous']) {
    if (existsSync(at.file + rest)) writeFileSync(at.file + rest, '');
  }
});

describe('renew', () => {
  it('replaces the file by its successor and keeps the previous one', async () => {
    const before = readFileSync(at.file, 'utf8');
    const { code, out } = await at.agent('renew', at.file);
    expect([code, out]).toEqual([0, expect.stringMatching(/product\.lic: renewed, valid until 20/)]);
    expect(claims(at.file)).toMatchObject({ replaces: decodeJwt(before).jti });
    expect(readFileSync(`${at.file}.previous`, 'utf8')).toBe(before);
  });

  it('answers in JSON, says nothing when it is quiet, and changes nothing in a dry run', async () => {
    const before = readFileSync(at.file, 'utf8');
    const dry = await at.agent('renew', at.file, '--dry-run', '--json');
    expect(json(dry.out)).toMatchObject({ exitCode: 0, files: [{ outcome: 'renewed', dryRun: true }] });
    expect(readFileSync(at.file, 'utf8')).toBe(before);
    expect(await at.agent('renew', at.file, '--quiet')).toEqual({ code: 0, out: '', err: '' });
  });

  it('runs the command only after a real change', async () => {
    const seen = join(at.folder, 'seen');
    const command = `printf '%s' "$LICENSE_PRODUCT" > '${seen}'`;
    await at.agent('renew', at.file, '--dry-run', '--on-renewed', command);
    expect(existsSync(seen)).toBe(false);
    await at.agent('renew', at.file, '--on-renewed', command);
    expect(readFileSync(seen, 'utf8')).toBe('ES');
  });

  it('goes through all files of a folder, and one that is damaged stops no other', async () => {
    const folder = join(at.folder, 'several');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.lic'), 'cut off');
    writeFileSync(join(folder, 'b.lic'), at.sample('host-1'));
    const { code, out, err } = await at.agent('renew', folder, '--metrics-file', join(folder, 'agent.prom'));
    expect(code).toBe(3);
    expect(err).toContain('a.lic');
    expect(out).toContain('b.lic: renewed');
    const metrics = readFileSync(join(folder, 'agent.prom'), 'utf8');
    expect(metrics).toMatch(/license_expires_timestamp_seconds\{.*b\.lic.*\} \d+/);
  });

  it('makes no folder for a file that is not there', async () => {
    const typo = join(at.folder, 'tyop', 'product.lic');
    const { code, err } = await at.agent('renew', typo);
    expect(code).toBe(3);
    expect(err).toContain('There is no license file');
    expect(existsSync(join(at.folder, 'tyop'))).toBe(false);
    const stateFolder = join(at.folder, 'state', 'of-agent');
    expect((await at.agent('renew', at.file, '--state-folder', stateFolder)).code).toBe(0);
    expect(existsSync(stateFolder)).toBe(true);
  });

  it('tells a refusal with its code', async () => {
    const refused = await at.agent('renew', at.file, '--host-id', 'H-other');
    expect(refused.code).toBe(10);
    expect(refused.err).toContain('refused (host-mismatch)');
    expect(readFileSync(at.file, 'utf8')).toBe(at.sample('host-1'));
  });

  it.each([
    ['http://127.0.0.1:1/v1/licenses/renew', 21, 'connect'],
    ['https://no-such-host.invalid/v1/licenses/renew', 20, 'dns'],
  ])('tells that %s was not reached', async (url, code, obstacle) => {
    const answer = await at.agent('renew', at.file, '--url', url);
    expect([answer.code, answer.err]).toEqual([code, expect.stringContaining(`(${obstacle})`)]);
    expect(readFileSync(at.file, 'utf8')).toBe(at.sample('host-1'));
  });

  it('takes settings from a file and the environment, the command line wins', async () => {
    const config = join(at.folder, 'config.json');
    writeFileSync(config, JSON.stringify({ keySet: at.keys, files: [at.file], quiet: true }));
    expect(await at.plain('renew', '--config', config)).toEqual({ code: 0, out: '', err: '' });
    writeFileSync(config, JSON.stringify({ keySet: at.keys, colour: 'red', timeout: 0 }));
    const wrong = await at.plain('renew', at.file, '--config', config);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('there is no setting "colour"');
    expect(wrong.err).toContain('timeout must be 1 to 600 seconds');
  });
});

describe('enroll', () => {
  it('binds a starter file to the given host; renew alone does not', async () => {
    mkdirSync(join(at.folder, 'starter'), { recursive: true });
    writeFileSync(at.starter, at.sample('starter'));
    expect(await at.agent('renew', at.starter)).toMatchObject({
      code: 4,
      err: expect.stringContaining('Run enroll') as string,
    });
    expect((await at.agent('enroll', at.starter)).code).toBe(4);
    expect((await at.agent('enroll', at.starter, '--host-id', 'H-9')).code).toBe(0);
    expect(claims(at.starter)).toMatchObject({ host: { id: 'H-9' } });
    expect((await at.agent('renew', at.starter)).code).toBe(0);
  });
});

describe('looking', () => {
  it('shows how a file stands, as text, as JSON and for Nagios', async () => {
    await at.agent('renew', at.file);
    const text = await at.agent('status', at.file);
    expect([text.code, text.out]).toEqual([
      0,
      expect.stringMatching(/product\.lic: valid until .*\n.*last renewed/s),
    ]);
    const { out } = await at.agent('status', at.file, '--json');
    expect(json(out)).toMatchObject({
      exitCode: 0,
      files: [
        {
          state: 'valid',
          product: 'ES',
          host: { id: 'H-1' },
          options: [{ inForce: true }, { inForce: true }],
          renewal: { failuresInRow: 0 },
        },
      ],
    });
    const check = await at.agent('status', at.file, '--check');
    expect([check.code, check.out]).toEqual([
      0,
      expect.stringMatching(/^LICENSE OK - 1 file, .* \| expires=\d+s;864000:;259200:$/),
    ]);
    expect(await at.agent('status', join(at.folder, 'none.lic'), '--check')).toMatchObject({
      code: 2,
      out: expect.stringMatching(/^LICENSE CRITICAL - .*none\.lic/) as string,
    });
  });

  it('says what is in a file, and that nobody has verified it without keys', async () => {
    expect((await at.plain('inspect', at.file)).out).toContain('NOT verified');
    const { out } = await at.agent('inspect', at.file);
    expect(out).toContain('(verified)');
    expect(out).toMatch(/Product +ES, installation main/);
    expect(json((await at.agent('inspect', at.file, '--json')).out)).toMatchObject({
      files: [{ genuine: true }],
    });
  });

  it('goes on with the next file where one is damaged, in one document', async () => {
    const damaged = join(at.folder, 'damaged.lic');
    writeFileSync(damaged, 'cut off');
    for (const command of ['verify', 'inspect']) {
      const { code, out } = await at.agent(command, damaged, at.file, '--json');
      expect(code).toBe(3);
      expect(json(out)).toMatchObject({
        files: [{ file: damaged, fault: { code: 'file-damaged' } }, { genuine: true }],
        exitCode: 3,
      });
    }
  });

  it('does not take a folder without license files for a success', async () => {
    const empty = join(at.folder, 'empty');
    mkdirSync(empty, { recursive: true });
    for (const command of ['renew', 'enroll', 'status', 'verify', 'inspect', 'doctor']) {
      expect((await at.agent(command, empty)).code, command).toBe(3);
    }
    expect(await at.agent('status', empty, '--check')).toMatchObject({ code: 3, err: '' });
  });

  it('answers a plugin and a program in their language, whatever is wrong', async () => {
    const unknown = await at.plain('status', at.file, '--check');
    expect([unknown.code, unknown.out]).toEqual([3, expect.stringMatching(/^LICENSE UNKNOWN - /)]);
    expect((await at.agent('status', at.file, '--check', '--no-such-flag')).code).toBe(3);
    const document = await at.plain('status', at.file, '--json');
    expect([document.code, json(document.out)]).toEqual([2, expect.objectContaining({ exitCode: 2 })]);
  });

  it('verifies a file, and refuses one that was changed', async () => {
    expect(await at.agent('verify', at.file)).toMatchObject({ code: 0 });
    const [header = '', payload = '', signature = ''] = at.sample('host-1').trim().split('.');
    const changed = Buffer.from(payload, 'base64url').toString().replace('"quantity":8', '"quantity":9');
    writeFileSync(at.file, `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`);
    expect(await at.agent('verify', at.file)).toMatchObject({ code: 3 });
  });

  it('finds nothing to do where all is well, and says what to do where it is not', async () => {
    const well = await at.agent('doctor', at.file);
    expect(well.out).not.toContain('PROBLEM');
    expect(well.code).toBe(0);
    const ill = await at.agent('doctor', at.file, '--url', 'https://no-such-host.invalid/v1/licenses/renew');
    expect(ill.out).toMatch(/PROBLEM dns .*\n +\S/);
    expect(ill.code).toBe(1);
  });
});

describe('the usual configuration', () => {
  it('is where only administrators may write', () => {
    expect(defaultConfig({}, 'linux')).toBe('/etc/license-agent/config.json');
    expect(defaultConfig({ ProgramData: 'D:\\Data' }, 'win32')).toBe('D:\\Data\\License agent\\config.json');
  });

  it('gives way to variables, of which empty ones are none', () => {
    const config = join(at.folder, 'given.json');
    writeFileSync(config, JSON.stringify({ keySet: at.keys, files: ['a.lic'] }));
    const environment = { LICENSE_AGENT_CONFIG: config, LICENSE_AGENT_FILES: '', LICENSE_AGENT_KEY_SET: 'k' };
    expect(readSettings({ flags: {}, files: [], environment })).toEqual({ keySet: 'k', files: ['a.lic'] });
    expect(readSettings({ flags: {}, files: [], environment: { LICENSE_AGENT_CONFIG: '' } }).files).toEqual(
      [],
    );
  });
});

describe('the command line', () => {
  it('says how it is used, and answers wrong usage with 2', async () => {
    const help = await at.plain('--help');
    expect([help.code, help.out]).toEqual([0, expect.stringMatching(/Examples:[\s\S]*Exit codes:/)]);
    expect((await at.plain('renew', '--help')).out).toContain('LICENSE_AGENT_KEY_SET');
    expect((await at.plain('renew', '--no-such-flag')).code).toBe(2);
    expect((await at.plain('no-such-command')).code).toBe(2);
    expect((await at.plain('renew', at.file)).err).toContain('--key-set');
    expect((await at.agent('renew')).code).toBe(2);
    expect((await at.agent('renew', at.file, '--smtp-url', 'smtp://relay.example')).code).toBe(2);
  });

  it.each(['bash', 'zsh', 'fish'])('completes itself in %s', async (shell) => {
    const { code, out } = await at.plain('completion', shell);
    expect(code).toBe(0);
    expect(out).toContain('--on-renewed'.replace('--', shell === 'fish' ? '-l ' : '--'));
  });
});

describe('a clock that goes on without renewals', () => {
  it('is told at +1, +34, +36 and +400 days, and the agent that wakes up then renews', async () => {
    await at.agent('renew', at.file);
    const stands = async (days: number) => {
      // The scans of the service are not asked meanwhile: only the host's time is looked at.
      await at.service.clock.advance(days * 86_400_000);
      const { code, out } = await at.agent('status', at.file, '--json');
      const [file] = json(out)['files'] as { state: string; warning?: { kind: string } }[];
      const { code: check } = await at.agent('status', at.file, '--check');
      return [code, file?.state, file?.warning?.kind, check];
    };
    expect(await stands(1)).toEqual([0, 'valid', undefined, 0]);
    expect(await stands(33)).toEqual([40, 'expiring', 'renewal-fails', 2]);
    expect(await stands(2)).toEqual([42, 'expired', 'expired', 2]);
    expect(await stands(364)).toEqual([42, 'expired', 'expired', 2]);
    const woken = await at.agent('renew', at.file);
    expect(woken.code).toBe(0);
    expect(await stands(0)).toEqual([0, 'valid', undefined, 0]);
  });
});
