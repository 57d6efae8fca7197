import { DynamoDBClient, GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { ANY_CREDENTIALS } from '../../local/endpoints.ts';
import { startLocalService, type LocalService } from '../../local/service.ts';
import type { RecordedCalls } from './bare-request.ts';
import { createCountingProxy, sequentialSteps, type Call } from './counting-proxy.ts';
import { createFleet, type Host, type Shape } from './fleet.ts';
import { itemBytes, readUnitsOf, writeUnitsOf } from './item-size.ts';
import { LOG_EVENT_OVERHEAD } from './costs.ts';
import { renewOnce } from './renewing.ts';

const RENEWALS = 12;

/** What renewals took, the most of those that were watched. */
export interface Observation {
  /** Of a warm function, in the order in which they began. */
  readonly actions: readonly string[];
  readonly steps: number;
  /** Of the first renewal of a new process. */
  readonly coldActions: readonly string[];
  readonly units: { readonly read: number; readonly write: number };
  readonly unitsByAction: readonly {
    readonly action: string;
    readonly read: number;
    readonly write: number;
  }[];
  /** Whether an engine counted the units; otherwise they follow from the sizes of the items. */
  readonly counted: boolean;
  /** Bytes that the function logs, with what CloudWatch adds to each event. */
  readonly logBytes: number;
  readonly fileBytes: number;
  readonly items: Readonly<Record<'record' | 'license' | 'installation', number>>;
  readonly recorded: RecordedCalls;
}

export interface Surroundings {
  /** Folder of the synthesized stage. */
  readonly assembly: string;
  /** Folder for the data of the service. */
  readonly dataDir: string;
  /** An engine that counts units; undefined: the embedded one, which leaves indexes out. */
  readonly dynamodbUrl: string | undefined;
  /** @default - three hosts and eight lines */
  readonly shape?: Shape;
}

/** Watches single renewals through a proxy that counts. */
export async function observeRenewals({
  assembly,
  dataDir,
  dynamodbUrl,
  shape,
}: Surroundings): Promise<Observation> {
  const proxy = createCountingProxy();
  const logged: string[] = [];
  const service = await startLocalService({
    port: 0,
    dataDir,
    assembly,
    ...(dynamodbUrl === undefined ? {} : { dynamodbUrl, tablePrefix: `bench-${process.pid}-${Date.now()}-` }),
    decorateEndpoints: proxy.decorateEndpoints,
    onLog: (name, line) => {
      if (name === 'renew') logged.push(line);
    },
  });
  try {
    const fleet = await createFleet(service, 'observed', RENEWALS + 1, shape);
    proxy.take();
    const first = fleet.take();
    await renewOnce(service.url, first);
    fleet.giveBack(first);
    const cold = proxy.take();
    logged.length = 0;
    const renewals: Call[][] = [];
    let last = first;
    for (let index = 0; index < RENEWALS; index += 1) {
      last = fleet.take();
      await renewOnce(service.url, last);
      fleet.giveBack(last);
      renewals.push(proxy.take().sort((a, b) => a.startedAt - b.startedAt));
    }
    // A process writes its log lines on another way than its answer.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const bytes = logged.reduce((sum, line) => sum + Buffer.byteLength(line) + LOG_EVENT_OVERHEAD, 0);
    return {
      ...(await sumUp(service, last, renewals, dynamodbUrl !== undefined)),
      coldActions: cold.map(({ action }) => action),
      logBytes: bytes / RENEWALS,
    };
  } finally {
    await service.stop();
    await proxy.close();
  }
}

async function sumUp(
  service: LocalService,
  host: Host,
  renewals: readonly Call[][],
  engineCounts: boolean,
): Promise<Omit<Observation, 'coldActions' | 'logBytes'>> {
  const most = renewals.reduce((one, other) => (other.length > one.length ? other : one), []);
  const input = (action: string): unknown => most.find((call) => call.action === action)?.input;
  const recorded = Object.fromEntries(
    ['Sign', 'PutItem', 'UpdateItem'].map((action) => [action, input(action)]),
  ) as unknown as RecordedCalls; // The renew function sent them: they have the shape of these calls.
  const items = await sizesOf(service, host, recorded);
  const counted = renewals.map(countedIn).filter((units) => units !== undefined);
  const isCounted = engineCounts && counted.length === renewals.length;
  const byAction = isCounted ? dearest(counted) : estimate(items);
  return {
    actions: most.map(({ action }) => action),
    steps: Math.max(...renewals.map(sequentialSteps)),
    unitsByAction: byAction,
    units: totalOf(byAction),
    counted: isCounted,
    fileBytes: host.file.length,
    items,
    recorded,
  };
}

type Units = Observation['unitsByAction'];

/** Undefined where the engine left a call out. */
function countedIn(calls: readonly Call[]): Units | undefined {
  const units: Units[number][] = [];
  for (const call of calls) {
    if (call.action === 'Sign') continue;
    if (call.units === undefined) return undefined;
    units.push({ action: call.action, ...call.units });
  }
  return units;
}

const totalOf = (units: Units): { read: number; write: number } => ({
  read: units.reduce((sum, { read }) => sum + read, 0),
  write: units.reduce((sum, { write }) => sum + write, 0),
});

const dearest = (renewals: readonly Units[]): Units =>
  renewals.reduce((one, other) => {
    const [a, b] = [totalOf(one), totalOf(other)];
    return b.write + b.read > a.write + a.read ? other : one;
  });

function estimate({ record, license, installation }: Observation['items']): Units {
  const read = readUnitsOf(license, 'strong') + readUnitsOf(installation, 'eventual');
  return [
    { action: 'BatchGetItem', read, write: 0 },
    { action: 'PutItem', read: 0, write: writeUnitsOf(record) },
    { action: 'UpdateItem', read: 0, write: writeUnitsOf(license) },
  ];
}

/** Sizes of what a renewal reads and writes. */
async function sizesOf(
  { endpoints, region, tableNames }: LocalService,
  { licenseId, customerId }: Host,
  { PutItem }: RecordedCalls,
): Promise<Observation['items']> {
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials: ANY_CREDENTIALS });
  const sizeOf = async (table: string, Key: Record<string, AttributeValue>): Promise<number> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableNames.get(table) ?? table, Key }),
    );
    return itemBytes(Item ?? {});
  };
  try {
    return {
      record: await sizeOf('renewals', {
        licenseId: PutItem.Item['licenseId'] ?? { S: '' },
        record: PutItem.Item['record'] ?? { S: '' },
      }),
      license: await sizeOf('licenses', { licenseId: { S: licenseId } }),
      installation: await sizeOf('installations', {
        customerId: { S: customerId },
        installation: { S: 'ES#main' },
      }),
    };
  } finally {
    client.destroy();
  }
}
