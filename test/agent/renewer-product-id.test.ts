import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../agent/src/clock.ts';
import type { LicenseClaims } from '../../agent/src/license.ts';
import { NOW } from '../builders/instants.ts';
import { signedFile } from '../builders/signing-key.ts';
import { aFolder, starterClaims } from './file/support.ts';
import { answering, HostileService, type Behaviour } from './hostile-service.ts';
import { aRenewer } from './loop/a-renewer.ts';

const service = new HostileService();
beforeAll(() => service.open());
afterAll(() => service.close());

let hostIds: (string | string[] | undefined)[];
/** Binds to the host that is named, as the service does. */
const binding: Behaviour = (response, request, presented) => {
  const hostId = request.headers['host-id'];
  hostIds.push(hostId);
  const { host, ...claims } = JSON.parse(
    Buffer.from(presented.split('.')[1] ?? '', 'base64url').toString(),
  ) as LicenseClaims;
  const id = typeof hostId === 'string' ? hostId : (host?.id ?? 'nobody');
  const next = service.next({ ...claims, host: { id }, seq: claims.seq + 1, iat: NOW, exp: NOW + 35 * DAY });
  return answering(next)(response, request, presented);
};

beforeEach(() => {
  hostIds = [];
  service.now = NOW;
  service.behave = binding;
  service.install();
});

const installStarter = (): void => {
  const renewal = { url: service.url, everySeconds: DAY };
  service.install(signedFile(starterClaims({ renewal }), service.key));
};

/** A state folder in which an id was kept, made on some other machine. */
function keptFolder(hostId: string): string {
  const folder = aFolder();
  const hosts = { ES: { hostId, machine: 'that-machine', hardware: [] } };
  writeFileSync(join(folder, 'host-id.json'), JSON.stringify({ hosts }));
  return folder;
}

describe('--product without --host-id', () => {
  it('binds a starter file that renew finds, by the id that is made of the product and the machine', async () => {
    installStarter();
    const stateFolder = keptFolder('H-kept');
    const { renewer, renewed, log } = aRenewer(service, { product: 'ES', stateFolder });
    await renewer.renew();
    expect(hostIds).toEqual(['H-kept']);
    expect(renewed).toMatchObject([{ file: { claims: { host: { id: 'H-kept' } } } }]);
    expect(log.length).toBeLessThanOrEqual(1);
  });

  it('says what is odd about the id at most once a day, however often the starter is refused', async () => {
    installStarter();
    service.behave = answering('', {}, 503);
    const { renewer, log } = aRenewer(service, { product: 'ES', stateFolder: keptFolder('H-kept') });
    const odd = (await renewer.identity(service.file))?.warning;
    for (let time = 0; time < 3; time += 1) await renewer.renew();
    const said = odd === undefined ? [] : [`${service.file}: ${odd}`];
    expect(log).toEqual(said);
    service.now = NOW + DAY;
    await renewer.renew();
    expect(log).toEqual([...said, ...said]);
  });

  it('does not send the id for a bound file of another host id, and says so once a day', async () => {
    const { renewer, log } = aRenewer(service, { product: 'ES', stateFolder: keptFolder('H-kept') });
    const about = (): string[] => log.filter((line) => line.includes('bound to another host id'));
    await renewer.renew();
    await renewer.renew();
    expect(hostIds).toEqual([undefined, undefined]);
    expect(about()).toEqual([
      `${service.file}: this file is bound to another host id (H-1) than this machine's (H-kept): ` +
        'if it was moved here, run enroll; if it was copied here, this host needs a license of its own',
    ]);
    service.now = NOW + DAY;
    await renewer.renew();
    expect(about()).toHaveLength(2);
  });

  it('says nothing of a bound file of this host, and keeps no id for it', async () => {
    const kept = aRenewer(service, { product: 'ES', stateFolder: keptFolder('H-1') });
    await kept.renewer.renew();
    expect(kept.log.filter((line) => line.includes('bound to another'))).toEqual([]);
    const fresh = aRenewer(service, { product: 'ES' });
    await fresh.renewer.renew();
    expect(readdirSync(fresh.stateFolder)).not.toContain('host-id.json');
  });

  it('never fails the renewal of a bound file because the id cannot be told', async () => {
    const stateFolder = aFolder();
    writeFileSync(join(stateFolder, 'host-id.json'), 'cut off');
    const { renewer, renewed, log } = aRenewer(service, { product: 'ES', stateFolder });
    await renewer.renew();
    expect([renewed.length, log]).toEqual([1, []]);
    expect(readFileSync(join(stateFolder, 'host-id.json'), 'utf8')).toBe('cut off');
  });

  it('gives way to --host-id', async () => {
    const stateFolder = keptFolder('H-kept');
    const { renewer } = aRenewer(service, { product: 'ES', hostId: 'H-1', stateFolder });
    await renewer.renew();
    expect(hostIds).toEqual(['H-1']);
  });
});
