import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../local/clock.ts';
import { openDataFolder, type DataFolder } from '../../local/data-folder.ts';
import { openEventBus, type EventBus, type EventBusOptions } from '../../local/event-bus.ts';
import type { Invocation } from '../../local/function-pool.ts';

const ok: Invocation = { kind: 'answered', value: null };
const broken: Invocation = { kind: 'failed', error: 'Error: out of order' };

let folder: string;
let data: DataFolder;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'licensing-events-'));
  data = await openDataFolder(folder);
});
afterAll(async () => {
  await data.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (given: Partial<EventBusOptions> = {}): Promise<EventBus> =>
  openEventBus({
    rules: [
      { bus: 'orders', pattern: { 'detail-type': ['Ordered'] }, functionNames: ['take', 'count'] },
      { bus: 'default', pattern: { source: ['aws.ses'] }, functionNames: ['mail'] },
    ],
    names: ['orders'],
    retries: new Map([['count', 0]]),
    region: 'eu-west-1',
    account: '000000000000',
    clock: realClock(),
    state: data.state,
    invoke: () => Promise.resolve(ok),
    ...given,
  });
const ordered = { bus: 'orders', source: 'erp', detailType: 'Ordered', detail: { id: 7 } };

describe('an event', () => {
  it('starts the functions of the rules of its bus that it matches', async () => {
    const started: unknown[] = [];
    const bus = await open({
      invoke(name, event) {
        started.push([name, event]);
        return Promise.resolve(ok);
      },
    });
    const { eventId, deliveries } = await bus.put({
      ...ordered,
      resources: ['arn:x'],
      time: '2026-01-01T00:00:00Z',
    });
    expect(deliveries).toEqual([
      { functionName: 'take', attempts: 1 },
      { functionName: 'count', attempts: 1 },
    ]);
    expect(started[0]).toEqual([
      'take',
      {
        version: '0',
        id: eventId,
        'detail-type': 'Ordered',
        source: 'erp',
        account: '000000000000',
        time: '2026-01-01T00:00:00Z',
        region: 'eu-west-1',
        resources: ['arn:x'],
        detail: { id: 7 },
      },
    ]);
    for (const other of [
      { ...ordered, bus: 'default' },
      { ...ordered, detailType: 'Other' },
    ]) {
      expect((await bus.put(other)).deliveries).toEqual([]);
    }
    expect(started).toHaveLength(2);
  });

  it('is tried as often as Lambda would, or as the template says', async () => {
    const bus = await open({ invoke: () => Promise.resolve(broken) });
    const { deliveries } = await bus.put(ordered);
    expect(deliveries.map(({ functionName, attempts }) => [functionName, attempts])).toEqual([
      ['take', 3],
      ['count', 1],
    ]);
    expect(bus.deadLetters.newestFirst().map(({ error }) => error)).toEqual([broken.error, broken.error]);
  });

  it('that is busy is waited for', async () => {
    let finish: (how: Invocation) => void = () => undefined;
    const bus = await open({ invoke: () => new Promise((resolve) => (finish = resolve)) });
    const put = bus.put({ bus: 'default', source: 'aws.ses', detailType: 'Email Bounced', detail: {} });
    let isSettled = false;
    const settled = bus.settled().then(() => (isSettled = true));
    await Promise.resolve();
    expect(isSettled).toBe(false);
    finish(ok);
    await Promise.all([put, settled]);
    expect(isSettled).toBe(true);
  });
});

describe('a dead letter', () => {
  it('outlives the run, and is gone once the function takes it', async () => {
    const id = (await (await open({ invoke: () => Promise.resolve(broken) })).put(ordered)).deliveries[0]
      ?.deadLetter?.id;
    await data.close();
    data = await openDataFolder(folder);

    const seen: unknown[] = [];
    const bus = await open({
      invoke(name, event) {
        seen.push([name, event]);
        return Promise.resolve(ok);
      },
    });
    expect(bus.deadLetters.newestFirst().find((letter) => letter.id === id)).toMatchObject({
      functionName: 'take',
      attempts: 3,
      event: { detail: { id: 7 } },
    });
    expect(await bus.replay(id ?? '')).toEqual({ functionName: 'take', attempts: 1 });
    expect(seen).toMatchObject([['take', { detail: { id: 7 } }]]);
    expect(await bus.replay(id ?? '')).toBeUndefined();
    expect((await open()).deadLetters.newestFirst().map((letter) => letter.id)).not.toContain(id);
  });
});
