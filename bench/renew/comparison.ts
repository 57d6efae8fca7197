import { createServer } from 'node:http';
import { createPools } from '../../local/function-pools.ts';
import type { FunctionPool } from '../../local/function-pool.ts';
import { openDataFolder } from '../../local/data-folder.ts';
import { createGateway } from '../../local/gateway.ts';
import { closeServer, listen, send } from '../../local/http.ts';
import { buildRuntime } from '../../local/runtime.ts';
import { startLocalService, type LocalService } from '../../local/service.ts';
import type { TemplateFunction } from '../../local/template.ts';
import type { RecordedCalls } from './bare-request.ts';
import { withCpuClock, type Bundle } from './bundles.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { renewMany, type Pace } from './renewing.ts';
import { quartiles, type Quartiles } from './statistics.ts';

/** Renewals before anything is measured: by then most of what every renewal runs is compiled. */
const WARM_UP = 600;

/** All subjects of a round run within a second, under the same disturbances. */
const ROUNDS = 51;
const RENEWALS_PER_TURN = 20;

const IN_FLIGHT = [1, 8, 32] as const;
const RENEWALS_PER_LEVEL = 300;

/** `lean`: the bare calls with clients that are set as in the renew function. */
const SUBJECTS = ['renew', 'bare', 'lean'] as const;
type Subject = (typeof SUBJECTS)[number];

export interface Comparison {
  /** Milliseconds of CPU per renewal in the process of the function. */
  readonly cpu: Readonly<Record<Subject, Quartiles>>;
  /** CPU of the renew bundle by that of the bare calls, round by round. */
  readonly ratio: Readonly<Record<'bare' | 'lean', Quartiles>>;
  readonly paces: readonly { readonly inFlight: number; readonly renew: Pace; readonly bare: Pace }[];
}

export interface ComparisonOptions {
  /** Folder of the synthesized stage. */
  readonly assembly: string;
  readonly dataDir: string;
  readonly bare: Bundle;
  readonly recorded: RecordedCalls;
  readonly progress: (what: string) => void;
}

/** Runs the renew bundle and the bare one by the same runtime, gateway and engine, in turn. */
export async function compare(options: ComparisonOptions): Promise<Comparison> {
  const { progress } = options;
  const service = await startLocalService({ port: 0, dataDir: options.dataDir, assembly: options.assembly });
  const closing: (() => Promise<unknown>)[] = [() => service.stop()];
  try {
    const sides = await openSides(service, options, closing);
    progress('issuing licenses');
    const forCpu = WARM_UP + ROUNDS * RENEWALS_PER_TURN;
    const forPaces = (IN_FLIGHT.length + 1) * RENEWALS_PER_LEVEL;
    for (const subject of SUBJECTS) {
      const renewals = subject === 'lean' ? forCpu : forCpu + forPaces;
      sides[subject].fleet = await createFleet(service, subject, renewals);
    }
    progress('measuring CPU');
    const cpu = await measureCpu(sides);
    progress('measuring throughput');
    return { ...cpu, paces: await measurePaces(sides) };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** One bundle behind a gateway of its own, with the hosts that renew there. */
interface Side {
  readonly url: string;
  readonly pool: FunctionPool;
  fleet: Fleet;
}

type Sides = Readonly<Record<Subject, Side>>;

const NO_FLEET: Fleet = {
  take: () => {
    throw new Error('No license has been issued yet');
  },
  giveBack: () => undefined,
};

async function openSides(
  service: LocalService,
  { dataDir, bare, recorded }: ComparisonOptions,
  closing: (() => Promise<unknown>)[],
): Promise<Sides> {
  const data = await openDataFolder(`${dataDir}-functions`);
  closing.push(() => data.close());
  const runtime = await buildRuntime(data.folder('runtime'));
  const renew = functionNamed(service, 'renew');
  const { region, endpoints, clock } = service;
  const folder = data.folder('bundles');
  const bareFile = withCpuClock(bare.file, folder);
  const bareFunction = (name: Subject, environment: Record<string, string> = {}): TemplateFunction => ({
    ...renew,
    name,
    file: bareFile,
    environment: { ...renew.environment, RECORDED_CALLS: JSON.stringify(recorded), ...environment },
  });
  const pools = createPools(
    [
      { ...renew, file: withCpuClock(renew.file, folder) },
      bareFunction('bare'),
      bareFunction('lean', { LEAN_CLIENTS: 'yes' }),
    ],
    { region, endpoints, clock, data, runtime },
  );
  closing.push(() => Promise.all([...pools.values()].map((pool) => pool.close())));

  const open = async (subject: Subject): Promise<Side> => {
    const pool = pools.get(subject);
    if (pool === undefined) throw new Error(`There is no pool ${subject}`);
    const route = { routeKey: 'POST /v1/licenses/renew', authorization: 'NONE', timeoutMs: 30_000 } as const;
    const gateway = createGateway({
      routes: [{ ...route, functionName: subject }],
      clock,
      identity: service.identity,
      invoke: (_name, event, requestId) => pool.invoke(event, requestId),
    });
    const server = createServer((request, response) => {
      gateway(request)
        .then((answer) => send(response, answer))
        .catch(() => response.destroy());
    });
    const url = await listen(server, 0);
    closing.push(() => closeServer(server));
    return { url, pool, fleet: NO_FLEET };
  };
  return { renew: await open('renew'), bare: await open('bare'), lean: await open('lean') };
}

function functionNamed({ functions }: LocalService, name: string): TemplateFunction {
  const found = functions.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The template has no function ${name}`);
  return found;
}

async function measureCpu(sides: Sides): Promise<Omit<Comparison, 'paces'>> {
  for (const subject of SUBJECTS) {
    await renewMany(sides[subject].url, sides[subject].fleet, { count: WARM_UP, inFlight: 1 });
  }
  const rounds: Record<Subject, number>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const used = { renew: 0, bare: 0, lean: 0 };
    // Another one is the first each time.
    for (let turn = 0; turn < SUBJECTS.length; turn += 1) {
      const subject = SUBJECTS[(round + turn) % SUBJECTS.length] ?? 'renew';
      used[subject] = await cpuOf(sides[subject]);
    }
    rounds.push(used);
  }
  const spread = (valueOf: (used: Record<Subject, number>) => number): Quartiles =>
    quartiles(rounds.map(valueOf));
  return {
    cpu: {
      renew: spread(({ renew }) => renew),
      bare: spread(({ bare }) => bare),
      lean: spread(({ lean }) => lean),
    },
    ratio: {
      bare: spread(({ renew, bare }) => renew / bare),
      lean: spread(({ renew, lean }) => renew / lean),
    },
  };
}

/** Milliseconds of CPU per renewal; one in flight keeps all of them in one process. */
async function cpuOf({ url, pool, fleet }: Side): Promise<number> {
  const before = await tellCpu(pool);
  await renewMany(url, fleet, { count: RENEWALS_PER_TURN, inFlight: 1 });
  return ((await tellCpu(pool)) - before) / 1000 / RENEWALS_PER_TURN;
}

async function tellCpu(pool: FunctionPool): Promise<number> {
  const invocation = await pool.invoke({ tellCpu: true });
  if (invocation.kind === 'failed') throw new Error(invocation.error);
  return Number(invocation.value);
}

async function measurePaces(sides: Sides): Promise<Comparison['paces']> {
  const run = (subject: Subject, count: number, inFlight: number): Promise<Pace> =>
    renewMany(sides[subject].url, sides[subject].fleet, { count, inFlight });
  // The other processes start and warm up.
  for (const subject of ['renew', 'bare'] as const) {
    await run(subject, RENEWALS_PER_LEVEL, Math.max(...IN_FLIGHT));
  }
  const paces: { inFlight: number; renew: Pace; bare: Pace }[] = [];
  for (const inFlight of IN_FLIGHT) {
    const bare = await run('bare', RENEWALS_PER_LEVEL, inFlight);
    paces.push({ inFlight, bare, renew: await run('renew', RENEWALS_PER_LEVEL, inFlight) });
  }
  return paces;
}
