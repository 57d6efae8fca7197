import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../agent/src/clock.ts';
import { exitCodeOfStatus, statusDocument } from '../../agent/src/status.ts';
import { NOW } from '../builders/instants.ts';
import { answering, HostileService } from './hostile-service.ts';
import { aRenewer } from './loop/a-renewer.ts';
import { steppedClock } from './loop/steps.ts';
import { aFolder } from './file/support.ts';
import { startSmtpServer } from './warning/smtp-server.ts';

const service = new HostileService();
beforeAll(() => service.open());
afterAll(() => service.close());
beforeEach(() => {
  service.now = NOW;
  service.behave = answering('', {}, 503);
  service.install();
});

/** Of 35 days, a day old; it was read once, and is now as `spoil` leaves it. */
async function afterwards(spoil: () => void, days: number, options = {}) {
  const heard = aRenewer(service, options);
  await heard.renewer.renew();
  spoil();
  service.now = NOW + days * DAY;
  return heard;
}
const damage = (): void => writeFileSync(service.file, 'cut off');

describe('a license file that cannot be read any more', () => {
  it('is warned about near the expiry that was last verified: log, command, mail and event', async () => {
    const relay = await startSmtpServer();
    const seen = join(aFolder(), 'seen');
    const { renewer, expiring, log } = await afterwards(damage, 28, {
      onExpiring: `echo "$LICENSE_WARNING $LICENSE_ID $LICENSE_EXPIRES $LICENSE_FAILURE" >> '${seen}'`,
      mail: { url: `smtp://${relay.address}`, from: 'agent@acme.example', to: 'ops@acme.example' },
    });
    const [report] = await renewer.renew();
    await renewer.renew();
    await relay.stop();
    expect(report).toMatchObject({ attempt: { code: 'file-damaged' }, warning: { kind: 'renewal-fails' } });
    expect(report?.file).toBeUndefined();
    expect(expiring.map(({ warning }) => warning.kind)).toEqual(['renewal-fails', 'renewal-fails']);
    expect(log).toEqual([
      expect.stringMatching(/ES \(license license-1\) expires in 6 days.*\[file-damaged\]/),
    ]);
    expect(readFileSync(seen, 'utf8')).toBe('renewal-fails license-1 2026-12-28T12:00:00Z file-damaged\n');
    expect(relay.mails).toHaveLength(1);
  });

  it('is warned about as well where it is the key set that is gone, or the file', async () => {
    const keys = aRenewer(service, { keySet: join(aFolder(), 'none.json') });
    const known = aRenewer(service, { stateFolder: keys.stateFolder });
    await known.renewer.renew();
    service.now = NOW + 40 * DAY;
    const [report] = await keys.renewer.renew();
    expect(report).toMatchObject({ attempt: { code: 'keys' }, warning: { kind: 'expired' } });
    const lost = aRenewer(service, { files: [service.file], stateFolder: keys.stateFolder });
    rmSync(service.file);
    const [missing] = await lost.renewer.renew();
    expect(missing).toMatchObject({ attempt: { code: 'file-missing' }, warning: { kind: 'expired' } });
  });

  it('shows its warning beside `damaged` and `missing` in the status, and its expiry in the exit code', async () => {
    const { renewer } = await afterwards(damage, 28, { files: [service.file] });
    await renewer.renew();
    const near = await renewer.status();
    expect(near).toMatchObject([{ state: 'damaged', warning: { kind: 'renewal-fails' } }]);
    expect(exitCodeOfStatus(near)).toBe(3);
    expect(statusDocument(near, service.now)).toMatchObject({
      files: [{ fault: { code: 'file-damaged' }, warning: { kind: 'renewal-fails' } }],
    });
    rmSync(service.file);
    service.now = NOW + 40 * DAY;
    const gone = await renewer.status();
    expect(gone).toMatchObject([{ state: 'missing', warning: { kind: 'expired' } }]);
    expect(exitCodeOfStatus(gone)).toBe(42);
  });

  it('tells the fault beside the end of the contract', async () => {
    service.install(service.sign({ iat: NOW, exp: NOW + 9 * DAY, entitledUntil: NOW + 9 * DAY }));
    const { renewer } = await afterwards(damage, 0.2);
    const [report] = await renewer.renew();
    expect(report?.warning?.kind).toBe('contract-ends');
    expect(report?.warning?.lines.join(' ')).toContain('[file-damaged]');
  });

  it('is warned about no longer once it is back', async () => {
    const { renewer, expiring } = await afterwards(
      () => renameSync(service.file, join(service.folder, 'away')),
      28,
      { files: [service.file] },
    );
    await renewer.renew();
    renameSync(join(service.folder, 'away'), service.file);
    service.now = NOW;
    service.behave = (response, request, presented) =>
      answering(service.successorOf(presented))(response, request, presented);
    await renewer.renew();
    expect(expiring).toHaveLength(1);
  });

  it('is said by watch once a day, also where no expiry is near', async () => {
    damage();
    const clock = steppedClock();
    const { renewer, attempts, log } = aRenewer(service, { clock });
    renewer.start();
    await clock.run(3 * HOUR);
    expect(attempts.length).toBeGreaterThanOrEqual(4);
    expect(log).toEqual([expect.stringContaining('product.lic is not a genuine license file')]);
    clock.jump(20 * HOUR);
    await clock.run(2 * HOUR);
    await renewer.stop();
    expect(attempts.length).toBeGreaterThanOrEqual(6);
    expect(log).toHaveLength(2);
  });
});
