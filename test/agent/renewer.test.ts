import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../agent/src/clock.ts';
import { hostIdentity } from '../../agent/src/host/host-identity.ts';
import {
  createRenewer,
  type Renewer,
  type RenewalReport,
  type RenewerOptions,
} from '../../agent/src/renewer.ts';
import { NOW } from '../builders/instants.ts';
import { answering, HostileService } from './hostile-service.ts';
import { steppedClock, timed, until } from './loop/steps.ts';

const service = new HostileService();
const successor = service.behave;
const started: Renewer[] = [];
beforeAll(() => service.open());
afterAll(async () => {
  for (const renewer of started) await renewer.close();
  await service.close();
});
beforeEach(() => {
  service.now = NOW;
  service.behave = successor;
  service.install();
});

interface Heard {
  readonly renewer: Renewer;
  readonly attempts: RenewalReport[];
  readonly renewed: RenewalReport[];
  readonly expiring: RenewalReport[];
  readonly troubles: string[];
  readonly log: string[];
}

function renewerWith(options: Partial<RenewerOptions> = {}): Heard {
  const log: string[] = [];
  const renewer = createRenewer({
    files: [service.licenses],
    keySet: service.keys,
    environment: { PATH: process.env['PATH'] },
    clock: service.clock,
    random: () => 0.5,
    log: (line) => log.push(line),
    ...options,
  });
  started.push(renewer);
  const heard: Heard = { renewer, attempts: [], renewed: [], expiring: [], troubles: [], log };
  renewer.on('attempt', (report) => heard.attempts.push(report));
  renewer.on('renewed', (report) => heard.renewed.push(report));
  renewer.on('expiring', (report) => heard.expiring.push(report));
  renewer.on('trouble', ({ message }) => heard.troubles.push(message));
  return heard;
}

const contents = (folder: string): unknown =>
  readdirSync(folder).map((name) => {
    const path = join(folder, name);
    const { ino, mtimeMs, mode } = statSync(path);
    return [name, ino, mtimeMs, mode, readFileSync(path, 'utf8')];
  });
const state = (): Record<string, unknown> =>
  JSON.parse(readFileSync(`${service.file}.state.json`, 'utf8')) as Record<string, unknown>;

describe('one renewal', () => {
  it('tells what came of it, and that the file has changed', async () => {
    const { renewer, attempts, renewed, expiring, troubles } = renewerWith();
    const [report] = await renewer.renew();
    expect(report).toMatchObject({
      path: service.file,
      attempt: { kind: 'renewed', before: { claims: { seq: 7 } } },
      file: { claims: { seq: 8 } },
      state: { failuresInRow: 0, lastRenewedAt: NOW },
    });
    expect([attempts, renewed, expiring, troubles]).toEqual([[report], [report], [], []]);
  });

  it('that brings the file that is here has changed nothing', async () => {
    service.behave = (response, request, presented) => answering(presented)(response, request, presented);
    const { renewer, attempts, renewed } = renewerWith({ onRenewed: `touch '${service.licenses}/ran'` });
    await renewer.renew();
    expect(attempts).toMatchObject([{ attempt: { kind: 'unchanged' } }]);
    expect(renewed).toEqual([]);
    expect(service.names()).not.toContain('ran');
  });

  it('that fails near the expiry warns, once a day in the log and by the command', async () => {
    service.install(service.sign({ iat: NOW - 30 * DAY, exp: NOW + 5 * DAY }));
    service.behave = answering('', {}, 503);
    const seen = join(service.folder, 'warned');
    const onExpiring = `echo "$LICENSE_WARNING $LICENSE_EXPIRES" >> '${seen}'`;
    const { renewer, expiring, log } = renewerWith({ onExpiring });
    await renewer.renew();
    await renewer.renew();
    expect(expiring).toMatchObject([
      { warning: { kind: 'renewal-fails' } },
      { warning: { kind: 'renewal-fails' } },
    ]);
    expect(log).toHaveLength(1);
    service.now = NOW + DAY;
    await renewer.renew();
    expect(log).toHaveLength(2);
    expect(readFileSync(seen, 'utf8')).toBe('renewal-fails 2026-11-29T12:00:00Z\n'.repeat(2));
  });

  it('that succeeds runs the command, and its failure is only logged', async () => {
    const { renewer, renewed, log } = renewerWith({ onRenewed: 'echo "no $LICENSE_SERIAL"; exit 3' });
    await renewer.renew();
    expect(renewed).toHaveLength(1);
    expect(log).toEqual([expect.stringMatching(/--on-renewed failed: it ended with code 3: no serial-8/)]);
  });

  it('goes through all files, and measures each of them', async () => {
    writeFileSync(join(service.licenses, 'a.lic'), 'cut off');
    writeFileSync(join(service.licenses, 'z.lic'), service.sign({ sub: 'license-2', host: { id: 'H-2' } }));
    const metricsFile = join(service.folder, 'agent.prom');
    const { renewer, renewed } = renewerWith({ metricsFile });
    const reports = await renewer.renew();
    expect(reports.map(({ attempt }) => attempt.kind)).toEqual(['fault', 'renewed', 'renewed']);
    expect(renewed).toHaveLength(2);
    const metrics = readFileSync(metricsFile, 'utf8');
    expect(metrics).toMatch(/license_failing\{file="[^"]*a\.lic",product="",license=""\} 1\n/);
    expect(metrics).toMatch(/license_failing\{file="[^"]*z\.lic",product="ES",license="license-2"\} 0\n/);
    expect(metrics).toContain(`license="license-2"} ${NOW + 35 * DAY}\n`);
  });

  it('goes on where its state cannot be stored, and says so', async () => {
    const stateFolder = join(service.folder, 'keys.json');
    const { renewer, renewed, troubles } = renewerWith({ stateFolder });
    await renewer.renew();
    expect(renewed).toHaveLength(1);
    expect(troubles[0]).toMatch(/^store .*product\.lic: /);
  });
});

describe('a dry run', () => {
  it('asks and verifies, and changes nothing on disk', async () => {
    service.install(service.sign({ iat: NOW - 34 * DAY, exp: NOW + 3 * DAY }));
    const before = contents(service.licenses);
    const others = contents(service.folder);
    const clock = steppedClock();
    const heard = renewerWith({
      dryRun: true,
      clock,
      onRenewed: `touch '${service.licenses}/renewed'`,
      onExpiring: `touch '${service.licenses}/expiring'`,
      metricsFile: join(service.folder, 'dry.prom'),
      product: 'ES',
    });
    await heard.renewer.renew();
    await heard.renewer.enroll(service.file);
    const asked = heard.attempts.length;
    heard.renewer.start();
    await clock.run(10 * MINUTE);
    await heard.renewer.stop();
    expect(heard.attempts.length).toBeGreaterThan(asked);
    expect(service.presented.length).toBeGreaterThanOrEqual(2);
    expect(heard.attempts[0]).toMatchObject({ attempt: { kind: 'renewed' } });
    expect([heard.renewed, heard.troubles]).toEqual([[], []]);
    expect(contents(service.licenses)).toEqual(before);
    expect(contents(service.folder)).toEqual(others);
  });
});

describe('the id of this host', () => {
  it('is written down by enrolling, and not by looking', async () => {
    const folder = join(service.licenses, 'host');
    mkdirSync(folder);
    const machine = {
      product: 'ES',
      folder,
      readMachineId: () => Promise.resolve('0123456789abcdef'.repeat(2)),
    };
    const seen = await hostIdentity({ ...machine, keep: false });
    expect(readdirSync(folder)).toEqual([]);
    expect((await hostIdentity(machine)).hostId).toBe(seen.hostId);
    expect(readdirSync(folder)).toEqual(['host-id.json']);
  });
});

describe('watching', () => {
  it('renews soon after the start, and then as the service asks', async () => {
    service.behave = (response, request, presented) =>
      answering(service.successorOf(presented), { 'renew-after': '3600' })(response, request, presented);
    const clock = steppedClock();
    const { renewer, renewed } = renewerWith({ clock });
    renewer.start();
    await clock.run(3 * HOUR);
    await renewer.stop();
    const at = renewed.map((report) => report.state.lastAttemptAt ?? 0);
    expect(at[0]).toBeLessThan(NOW + 600);
    expect(at.map((instant) => instant - (at[0] ?? 0))).toEqual([0, 3600, 7200]);
    expect(renewed.map(({ file }) => file?.claims.seq)).toEqual([8, 9, 10]);
  });

  it('renews files that appear, and lets go of those that disappear', async () => {
    const folder = join(service.licenses, 'later');
    const path = join(folder, 'new.lic');
    let loops = 1;
    const clock = steppedClock((waiting) => waiting >= loops);
    const { renewer, attempts } = renewerWith({ clock, files: [folder] });
    mkdirSync(folder);
    renewer.start();
    await clock.run(HOUR);
    writeFileSync(path, service.sign());
    await clock.run(MINUTE);
    loops = 2;
    await clock.run(10 * MINUTE);
    expect(attempts).toMatchObject([{ path, attempt: { kind: 'renewed' } }]);
    rmSync(path);
    loops = 1;
    await clock.run(2 * MINUTE);
    clock.jump(2 * DAY);
    await clock.run(HOUR);
    expect(clock.waiting).toBe(1);
    await renewer.stop();
    expect(attempts).toHaveLength(1);
  });

  it('is started once, however often that is asked', async () => {
    const clock = steppedClock();
    const { renewer, attempts } = renewerWith({ clock });
    renewer.start();
    renewer.start();
    await clock.run(HOUR);
    await Promise.all([renewer.stop(), renewer.stop()]);
    expect([attempts.length, service.presented.length]).toEqual([1, 1]);
  });

  it('can be stopped and started again, and goes on with its plan', async () => {
    const clock = steppedClock();
    const { renewer, attempts } = renewerWith({ clock });
    renewer.start();
    await clock.run(10 * MINUTE);
    expect(attempts).toHaveLength(1);
    await renewer.stop();
    renewer.start();
    await clock.run(HOUR);
    expect(attempts).toHaveLength(1);
    clock.jump(23 * HOUR);
    await clock.run(MINUTE);
    expect(attempts).toHaveLength(2);
    await renewer.stop();
  });

  it('stops promptly, also while the service keeps it waiting, and that is no failure', async () => {
    const still = steppedClock();
    const idle = renewerWith({ clock: still });
    idle.renewer.start();
    await still.run(0);
    const clock = steppedClock((waiting) => waiting >= 2 || service.presented.length === 1);
    const waiting = renewerWith({ clock });
    service.behave = () => undefined;
    waiting.renewer.start();
    await clock.run(10 * MINUTE);
    expect(service.presented).toHaveLength(1);
    const stopping = await timed(() => Promise.all([idle.renewer.stop(), waiting.renewer.stop()]));
    expect(stopping.milliseconds).toBeLessThan(500);
    expect(waiting.attempts).toEqual([]);
    expect(state()).not.toHaveProperty('failingSince');
    expect(state()).toMatchObject({ failuresInRow: 0 });
    expect(service.names()).toEqual(['product.lic', 'product.lic.state.json']);
  });

  it('measures many files that are renewed at the same moment, until they are gone', async () => {
    const folder = join(service.licenses, 'many');
    mkdirSync(folder);
    const paths = Array.from({ length: 12 }, (_, at) => join(folder, `${at}.lic`));
    for (const path of paths) writeFileSync(path, service.sign());
    const metricsFile = join(service.licenses, 'agent.prom');
    const count = (): number => readFileSync(metricsFile, 'utf8').match(/^license_failing\{/gm)?.length ?? 0;
    const clock = steppedClock((waiting) => waiting >= 1 + paths.length);
    const { renewer, renewed, troubles } = renewerWith({ files: [folder], metricsFile, clock });
    renewer.start();
    await clock.run(10 * MINUTE);
    expect(renewed).toHaveLength(12);
    for (const path of paths.slice(0, 8)) rmSync(path);
    await renewer.stop();
    expect([troubles, count()]).toEqual([[], 12]);
    await renewer.renew();
    expect([troubles, count()]).toEqual([[], 4]);
  });

  it('ends at once where another agent is at work on the file', async () => {
    mkdirSync(`${service.file}.lock`);
    const hasBegun = (): boolean => service.names().some((name) => /\.state\.json$/.test(name));
    const clock = steppedClock((waiting) => waiting >= 2 || hasBegun());
    const { renewer, attempts, log } = renewerWith({ clock });
    renewer.start();
    await clock.run(10 * MINUTE);
    expect(state()).toHaveProperty('unfinished');
    const { milliseconds } = await timed(() => renewer.stop());
    expect(milliseconds).toBeLessThan(500);
    expect([attempts, service.presented, log]).toEqual([[], [], []]);
  });

  it('is stopped as promptly by closing, and a renewal that is closed is no failure either', async () => {
    service.behave = () => undefined;
    const { renewer, attempts } = renewerWith();
    const renewal = renewer.renew().catch(() => []);
    await until(() => service.presented.length === 1);
    const { milliseconds } = await timed(() => renewer.close().then(() => renewal));
    expect(milliseconds).toBeLessThan(500);
    expect(attempts.filter(({ state }) => state.failuresInRow > 0)).toEqual([]);
    expect(state()).not.toHaveProperty('failingSince');
  });

  it('goes on after a listener has thrown', async () => {
    service.behave = (response, request, presented) =>
      answering(service.successorOf(presented), { 'renew-after': '900' })(response, request, presented);
    const clock = steppedClock();
    const { renewer, attempts, troubles } = renewerWith({ clock });
    renewer.on('attempt', () => {
      throw new Error('of the product');
    });
    renewer.start();
    await clock.run(HOUR);
    await renewer.stop();
    expect(attempts.length).toBeGreaterThanOrEqual(2);
    expect(troubles[0]).toMatch(/^report .*product\.lic: of the product/);
  });
});

describe('the status', () => {
  it('needs no network, and tells what is remembered', async () => {
    const { renewer } = renewerWith();
    await renewer.renew();
    const asked = service.presented.length;
    expect(await renewer.status()).toMatchObject([
      { path: service.file, state: 'valid', file: { claims: { seq: 8 } }, renewal: { lastRenewedAt: NOW } },
    ]);
    expect(service.presented).toHaveLength(asked);
  });
});
