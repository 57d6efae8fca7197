import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../agent/src/clock.ts';
import { NOW } from '../builders/instants.ts';
import { aFolder } from './file/support.ts';
import { HostileService } from './hostile-service.ts';
import { aRenewer } from './loop/a-renewer.ts';

const service = new HostileService();
beforeAll(() => service.open());
afterAll(() => service.close());

const EXPIRES = 'license_expires_timestamp_seconds';
let second: string;
let metricsFile: string;
let stateFolder: string;
beforeEach(() => {
  service.now = NOW;
  service.install();
  second = join(service.licenses, 'second.lic');
  writeFileSync(second, service.sign({ sub: 'license-2', product: 'RIP' }));
  metricsFile = join(aFolder(), 'agent.prom');
  stateFolder = aFolder();
});

const samples = (metric: string): string[] =>
  readFileSync(metricsFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`));
const sampleOf = (metric: string, path: string): string | undefined =>
  samples(metric).find((line) => line.includes(`file="${path}"`));
/** As after a restart. */
const restarted = (options = {}) => aRenewer(service, { metricsFile, stateFolder, ...options });

describe('the metrics file', () => {
  it('keeps the series of files that a restarted agent has not tried yet', async () => {
    await restarted().renewer.renew();
    const before = sampleOf('license_last_renewal_timestamp_seconds', second);
    rmSync(metricsFile);
    service.now = NOW + DAY;
    await restarted({ hostId: 'H-1' }).renewer.enroll(service.file);
    expect(samples(EXPIRES)).toHaveLength(2);
    expect(before).toContain(`license="license-2"} ${NOW}`);
    expect(sampleOf('license_last_renewal_timestamp_seconds', second)).toBe(before);
  });

  it('keeps expiry and labels of a file that is damaged now, by what was last verified of it', async () => {
    await restarted().renewer.renew();
    const before = sampleOf(EXPIRES, second);
    writeFileSync(second, 'cut off');
    const { renewer } = restarted({ hostId: 'H-1' });
    // Not tried yet, and then tried.
    for (const work of [() => renewer.enroll(service.file), () => renewer.renew()]) {
      await work();
      expect(sampleOf(EXPIRES, second)).toBe(before);
      expect(before).toMatch(/product="RIP",license="license-2"\} \d+$/);
    }
    expect(sampleOf('license_failing', second)).toBe(
      `license_failing{file="${second}",product="RIP",license="license-2"} 1`,
    );
  });

  it('lets go of files that are gone, and has the one that was tried in any case', async () => {
    const elsewhere = join(aFolder(), 'third.lic');
    writeFileSync(elsewhere, service.sign({ sub: 'license-3' }));
    const { renewer } = restarted({ hostId: 'H-1' });
    await renewer.enroll(elsewhere);
    expect(samples(EXPIRES)).toHaveLength(3);
    rmSync(second);
    await renewer.enroll(elsewhere);
    expect(samples(EXPIRES)).toHaveLength(2);
    expect(sampleOf(EXPIRES, elsewhere)).toContain('license-3');
  });
});
