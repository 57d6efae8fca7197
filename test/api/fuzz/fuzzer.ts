import type { Operation } from '../../../lambdas/core/api/operation.ts';
import { operations, routeKeyOf } from '../../../lambdas/core/api/operations.ts';
import { RouteTable } from '../../../local/routes.ts';
import type { LocalService } from '../../../local/service.ts';
import { AnswerCheck, describedApi } from '../../support/openapi.ts';
import { ApiClient, type ApiAnswer } from '../api-client.ts';
import { curlOf } from './curl.ts';
import { Pool } from './pool.ts';
import { Random } from './random.ts';
import { RequestMaker, type FuzzRequest } from './requests.ts';

/** Requests in flight: as many as functions are set aside for renewing on one machine. */
const PARALLEL = 8;
const REQUESTS_PER_TOKEN = 80;
/** What they change is named with the version that was read. */
const NEED_VERSION = new Set(['declareDistribution', 'previewDistribution', 'putContacts']);
const REQUESTS_PER_CUSTOMER = 400;

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  /** Ids of the operations to call. @default - all */
  readonly only?: readonly string[];
  /** Told now and then. */
  readonly onProgress?: (done: number, findings: number) => void;
}

interface Finding {
  readonly operationId: string;
  readonly what: string;
  /** Number of the first request that showed it, and how to send it again. */
  readonly request: number;
  readonly curl: string;
  /** With which the log of the function can be searched. */
  readonly requestId: string;
  times: number;
}

export interface FuzzReport {
  readonly findings: readonly Finding[];
  /** Answers of each operation by status. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Sends requests made of the description of the API, and looks at every answer: none may be a fault, or not described. */
export async function fuzz(
  service: LocalService,
  { requests, seed, only, onProgress }: FuzzOptions,
): Promise<FuzzReport> {
  const client = new ApiClient(service);
  const pool = new Pool(service, client);
  const maker = new RequestMaker(describedApi({ closed: true }));
  const called = operations.filter(({ id }) => only === undefined || only.includes(id));
  const judge = new Judge(service.url, pool);
  try {
    for (let start = 0; start < requests; start += PARALLEL) {
      if (start % REQUESTS_PER_CUSTOMER === 0) await pool.renew();
      else if (start % REQUESTS_PER_TOKEN === 0) await pool.refresh();
      const drawn = Array.from({ length: Math.min(PARALLEL, requests - start) }, (_, index) => {
        const random = new Random(seed * 1_000_003 + start + index);
        return { random, operation: random.pick(called) };
      });
      if (drawn.some(({ operation }) => NEED_VERSION.has(operation.id))) await pool.look();
      // Made before any of them is sent: what they learn of each other must not depend on who is first.
      const batch = drawn.map(({ random, operation }) => maker.make(operation, random, pool));
      const answers = await Promise.all(
        batch.map((request) => client.send(request).catch((error: unknown) => String(error))),
      );
      for (const [index, request] of batch.entries())
        judge.look(start + index, request, answers[index] ?? '');
      onProgress?.(start + batch.length, judge.findings.length);
    }
    return { findings: judge.findings, answers: judge.answers };
  } finally {
    client.close();
  }
}

/** Looks at answers. */
class Judge {
  readonly answers = new Map<string, Map<number, number>>();
  readonly #url: string;
  readonly #pool: Pool;
  readonly #check = new AnswerCheck();
  readonly #found = new Map<string, Finding>();
  readonly #routes = new RouteTable([
    ...operations.map((operation) => routeOf(routeKeyOf(operation))),
    routeOf('$default'),
  ]);

  constructor(url: string, pool: Pool) {
    this.#url = url;
    this.#pool = pool;
  }

  get findings(): readonly Finding[] {
    return [...this.#found.values()];
  }

  look(number: number, request: FuzzRequest, answer: ApiAnswer | string): void {
    const { id } = request.operation;
    if (typeof answer !== 'string') this.#count(request.operation, answer.status);
    for (const fault of this.#faultsOf(request, answer)) {
      // The same fault is told once.
      const what = fault.replace(/,?"requestId":"[^"]*"/, '');
      const known = this.#found.get(`${id} ${what}`);
      if (known) known.times += 1;
      else {
        const curl = curlOf(this.#url, request);
        const requestId = typeof answer === 'string' ? '' : String(answer.headers['apigw-requestid']);
        this.#found.set(`${id} ${what}`, {
          operationId: id,
          what,
          request: number,
          curl,
          requestId,
          times: 1,
        });
      }
    }
    if (
      typeof answer !== 'string' &&
      answer.status < 300 &&
      request.customerId === this.#pool.own.customerId
    ) {
      this.#pool.learn(jsonIn(answer));
    }
  }

  #count({ id }: Operation, status: number): void {
    const counts = this.answers.get(id) ?? new Map<number, number>();
    counts.set(status, (counts.get(status) ?? 0) + 1);
    this.answers.set(id, counts);
  }

  #faultsOf(request: FuzzRequest, answer: ApiAnswer | string): string[] {
    if (typeof answer === 'string') return [`no answer: ${answer}`];
    const { status, headers, body } = answer;
    // The gateway's own limit on headers, the path among them, on any route.
    if (status === 431) return [];
    const routeKey = this.#routeKeyOf(request);
    if (routeKey === undefined) return status === 400 ? [] : [`answered ${status} to a path that is no path`];
    const faults = this.#check.faultsOf({
      method: request.method,
      path: request.path,
      routeKey,
      status,
      headers: textsOf(headers),
      body,
    });
    if (status >= 500) faults.push(`answered ${status}: ${body.toString().slice(0, 200)}`);
    const isItsRoute = routeKey === routeKeyOf(request.operation);
    if (
      isItsRoute &&
      request.isUnauthorized &&
      status !== (request.operation.audience === 'vendor' ? 403 : 401)
    ) {
      faults.push(`answered ${status} to somebody who may not call it`);
    }
    return [...faults, ...this.#leaksIn(request, body)];
  }

  /** The gateway may see another route than was meant: an id may hold a slash. */
  #routeKeyOf({ method, path }: FuzzRequest): string | undefined {
    try {
      return this.#routes.match(method, decodeURIComponent(path.split('?')[0] ?? ''))?.route.routeKey;
    } catch {
      return undefined;
    }
  }

  /** Names that no request uses: who is told one of them must be of that customer. */
  #leaksIn({ customerId, operation }: FuzzRequest, body: Buffer): string[] {
    if (operation.audience === 'vendor') return [];
    const text = body.toString('latin1');
    return [this.#pool.own, this.#pool.foreign]
      .filter((customer) => customer.customerId !== customerId)
      .flatMap(({ mark }) => [`Company ${mark}`, `hall of ${mark}`, `order ${mark}`])
      .filter((secret) => text.includes(secret))
      .map(() => 'told a name of another customer');
  }
}

const routeOf = (routeKey: string) => ({
  routeKey,
  ...{ authorization: 'NONE' as const, functionName: 'none', timeoutMs: 0 },
});

const textsOf = (headers: ApiAnswer['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function jsonIn({ body }: ApiAnswer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
