import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../agent/src/clock.ts';
import { NOW } from '../builders/instants.ts';
import { aFolder } from './file/support.ts';
import { HostileService } from './hostile-service.ts';
import { aRenewer } from './loop/a-renewer.ts';
import { steppedClock } from './loop/steps.ts';

const service = new HostileService();
const successor = service.behave;
beforeAll(() => service.open());
afterAll(() => service.close());
beforeEach(() => {
  service.now = NOW;
  service.behave = successor;
  service.install();
});

/** A lock that nobody holds, and that cannot be taken away. */
function deadLock(): string {
  const lock = `${service.file}.lock`;
  mkdirSync(join(lock, 'child'), { recursive: true });
  utimesSync(lock, 0, 0);
  return lock;
}

describe('a lock that never goes away', () => {
  it('is a failure for renew after an hour, across runs, and a renewal ends that', async () => {
    const lock = deadLock();
    service.install(service.sign({ iat: NOW - 30 * DAY, exp: NOW + 5 * DAY }));
    mkdirSync(join(lock, 'child'), { recursive: true });
    utimesSync(lock, 0, 0);
    const metricsFile = join(aFolder(), 'agent.prom');
    const first = aRenewer(service);
    const { stateFolder } = first;
    const [report] = await first.renewer.renew();
    expect(report).toMatchObject({ attempt: { code: 'locked' }, state: { failuresInRow: 0 } });
    expect([first.attempts, first.expiring]).toEqual([[], []]);

    service.now = NOW + HOUR + 1;
    const later = aRenewer(service, { stateFolder, metricsFile });
    await later.renewer.renew();
    expect(later.attempts).toMatchObject([{ attempt: { code: 'locked' }, state: { failuresInRow: 1 } }]);
    expect(later.expiring).toHaveLength(1);
    expect(later.log[0]).toMatch(/expires in 4 days.*Another agent is at work on .* \[locked\]/);
    expect(readFileSync(metricsFile, 'utf8')).toMatch(/^license_failing\{.*\} 1$/m);
    expect(await later.renewer.status()).toMatchObject([{ renewal: { lastFailure: { code: 'locked' } } }]);

    rmSync(lock, { recursive: true });
    await later.renewer.renew();
    expect(later.renewed).toHaveLength(1);
    expect(later.renewed[0]?.state).not.toHaveProperty('lockedSince');
  });

  it('is logged by watch when it is first met, and reported after an hour', async () => {
    deadLock();
    const clock = steppedClock();
    const { renewer, attempts, log, troubles } = aRenewer(service, { clock });
    renewer.start();
    await clock.run(10 * MINUTE);
    expect([log, attempts]).toEqual([[expect.stringContaining('Another agent is at work on')], []]);
    await clock.run(HOUR);
    await renewer.stop();
    expect(attempts[0]).toMatchObject({ attempt: { code: 'locked' }, state: { failuresInRow: 1 } });
    expect([log.length, troubles, service.presented]).toEqual([1, [], []]);
  });
});

describe('a trouble that repeats', () => {
  it('is told once, and then once a day while it is the same', async () => {
    const blocked = join(aFolder(), 'file');
    writeFileSync(blocked, '');
    const { renewer, troubles } = aRenewer(service, { stateFolder: blocked });
    for (let minute = 0; minute < 5; minute += 1) {
      service.now = NOW + minute * 60;
      await renewer.renew();
    }
    expect(troubles).toEqual([expect.stringMatching(/^store .*product\.lic: /)]);
    service.now = NOW + DAY;
    await renewer.renew();
    expect(troubles).toHaveLength(2);
  });
});
