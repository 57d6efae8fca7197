import fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../agent/src/clock.ts';
import { FRESH_STATE } from '../../agent/src/loop/attempt-state.ts';
import { settled } from '../../agent/src/loop/pacing.ts';
import { metricsText, writeMetrics } from '../../agent/src/metrics.ts';
import { genuineFile, NOW, unreachable } from './loop/builders.ts';

const file = genuineFile();
const well = settled(
  FRESH_STATE,
  { kind: 'unchanged', file },
  { claims: file.claims, now: NOW, random: () => 0 },
);

/** One sample of the text format, strictly: no label is cut short by a quote or line feed. */
const SAMPLE =
  /^license_[a-z_]+\{file="((?:[^"\\\n]|\\["\\n])*)",product="((?:[^"\\\n]|\\["\\n])*)",license="((?:[^"\\\n]|\\["\\n])*)"\} -?[\d.e+]+$/;

describe('metrics', () => {
  it('say of each file when it expires, whether it fails, and when it is tried again', () => {
    const failing = settled(well, unreachable(), { claims: file.claims, now: NOW + DAY, random: () => 0 });
    expect(
      metricsText([
        { path: '/a.lic', file, state: well },
        { path: '/b.lic', state: failing },
      ]),
    ).toBe(`\
# HELP license_expires_timestamp_seconds When the license file expires.
# TYPE license_expires_timestamp_seconds gauge
license_expires_timestamp_seconds{file="/a.lic",product="ES",license="lic_1"} ${NOW + 35 * DAY}
# HELP license_last_renewal_timestamp_seconds When the service last delivered a license file.
# TYPE license_last_renewal_timestamp_seconds gauge
license_last_renewal_timestamp_seconds{file="/a.lic",product="ES",license="lic_1"} ${NOW}
license_last_renewal_timestamp_seconds{file="/b.lic",product="",license=""} ${NOW}
# HELP license_failing Whether the last attempt to renew failed (1) or not (0).
# TYPE license_failing gauge
license_failing{file="/a.lic",product="ES",license="lic_1"} 0
license_failing{file="/b.lic",product="",license=""} 1
# HELP license_failures_in_row Failed attempts since the last success.
# TYPE license_failures_in_row gauge
license_failures_in_row{file="/a.lic",product="ES",license="lic_1"} 0
license_failures_in_row{file="/b.lic",product="",license=""} 1
# HELP license_next_attempt_timestamp_seconds When the next attempt to renew is planned.
# TYPE license_next_attempt_timestamp_seconds gauge
license_next_attempt_timestamp_seconds{file="/a.lic",product="ES",license="lic_1"} ${NOW + DAY}
license_next_attempt_timestamp_seconds{file="/b.lic",product="",license=""} ${NOW + DAY + 60}
`);
  });

  it('leave out what is not known, and are empty without files', () => {
    expect(metricsText([{ path: '/a', state: FRESH_STATE }])).not.toContain('timestamp');
    expect(metricsText([])).toBe('');
  });

  it('are one series for each file, whatever the labels hold', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a"} 1\nevil{x="', 'a\\', '\u0001', '\u0002', '\ud800'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text), { maxLength: 6 }), (labels) => {
        const measured = labels.map(([path, product, sub]) => ({
          path,
          file: genuineFile({ product, sub }),
          state: FRESH_STATE,
        }));
        const samples = metricsText(measured)
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('# '));
        for (const sample of samples) expect(sample).toMatch(SAMPLE);
        expect(new Set(samples.map((sample) => sample.slice(0, sample.lastIndexOf(' ')))).size).toBe(
          3 * labels.length,
        );
      }),
    );
  });

  it('are replaced at once, readable for the collector', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-metrics-'));
    const path = join(folder, 'license.prom');
    await writeMetrics(path, []);
    await writeMetrics(path, [{ path: '/a.lic', file, state: well }]);
    expect(await readFile(path, 'utf8')).toContain('license_failing');
    expect((await stat(path)).mode & 0o444).toBe(0o444);
    expect(await readdir(folder)).toEqual(['license.prom']);
    await expect(writeMetrics(join(folder, 'missing', 'x.prom'), [])).rejects.toThrow('ENOENT');
    await rm(folder, { recursive: true });
  });
});
