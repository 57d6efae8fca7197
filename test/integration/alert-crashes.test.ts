import { describe, expect, test } from 'vitest';
import { actionsOf, callsOf, crashAfter, crashBefore, type AwsCall } from '../support/aws-proxy.ts';
import { installed, mailsTo, runScan, type Installed, type ScanName } from './alerting.ts';
import { expectNoLeaks } from './expectations.ts';
import { useWorld, type World } from './world.ts';

const moments = [
  ['before', crashBefore],
  ['after', crashAfter],
] as const;

/** How a customer gets into the trouble that a scan looks for, and out of it. */
interface Trouble {
  readonly begin: (world: World) => Promise<Installed>;
  readonly end: (world: World, host: Installed) => Promise<unknown>;
}

const silentFor = (days: number): Trouble => ({
  begin: async (world) => {
    const host = await installed(world);
    await world.advanceDays(days);
    return host;
  },
  end: (world, { licenseId }) => world.revoke(licenseId),
});

const troubles: Readonly<Record<ScanName, Trouble>> = {
  'scan-offline-hosts': silentFor(5),
  'scan-expiring-licenses': silentFor(21),
  'scan-failed-renewals': {
    begin: async (world) => {
      const host = await installed(world);
      await world.revoke(host.licenseId);
      await world.renew(host.file, host);
      return host;
    },
    end: async (world, host) => {
      await world.reinstate(host.licenseId);
      await world.renewed(host.file, host);
    },
  },
  'scan-ending-contracts': {
    begin: (world) => installed(world, { contract: { endsOn: world.day(20) } }),
    end: (world, { customerId }) =>
      world.order(customerId, 'c-1', { revision: 2, reference: 'PO 4711', endsOn: world.day(900) }),
  },
};

describe.each(Object.entries(troubles))('A crash of %s', (name, trouble) => {
  const scan = name as ScanName;
  const world = useWorld();

  test.each(moments)(
    '%s each call to AWS loses no notice; one comes twice only if it was sent and not noted',
    { timeout: 300_000 },
    async (moment, crash) => {
      for (let nth = 1; ; nth += 1) {
        const host = await trouble.begin(world);
        const made: AwsCall[] = [];
        const isNth = (call: AwsCall): boolean => callsOf(scan)(call) && made.push(call) === nth;
        world.proxy.intervene(
          isNth,
          crash(() => void world.service.killFunction(scan)),
        );
        const isCrashed = await runScan(world, scan).then(
          () => false,
          () => true,
        );
        world.proxy.pass();
        if (!isCrashed) {
          // It has fewer calls than this: all have had their crash.
          expect(actionsOf(made)).toContain('SendRawEmail');
          break;
        }

        // The lease of the run, and the claim on the customer, end by themselves.
        await world.advance(3_600_000);
        await runScan(world, scan);
        const mails = (await mailsTo(world, host.address)).length;
        await runScan(world, scan);
        expect(await mailsTo(world, host.address)).toHaveLength(mails);

        const done = actionsOf(moment === 'before' ? made.slice(0, -1) : made);
        const sentAt = done.indexOf('SendRawEmail');
        const isNoted = done.lastIndexOf('UpdateItem') > sentAt;
        const crashedAt = `${nth} ${made.at(-1)?.action}`;
        expect([crashedAt, mails]).toEqual([crashedAt, sentAt >= 0 && !isNoted ? 2 : 1]);
        await trouble.end(world, host);
        await runScan(world, scan);
      }
      expectNoLeaks(world);
    },
  );
});
