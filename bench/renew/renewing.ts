import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { CUSTOMER_HEADER, LICENSE_HEADER } from './bare-request.ts';
import type { Fleet, Host } from './fleet.ts';

const agent = new Agent({ keepAlive: true });

/** Closes the connections that renewals left open. */
export const closeConnections = (): void => agent.destroy();

/** Renews as a host does; it then holds the new file. */
export async function renewOnce(url: string, host: Host): Promise<void> {
  const { status, body } = await post(`${url}/v1/licenses/renew`, host);
  if (status !== 200) throw new Error(`A renewal was answered with ${status}: ${body}`);
  host.file = body;
}

/** What reached the answer `200` in so many seconds. */
export interface Pace {
  readonly perSecond: number;
  /** Milliseconds of a request, the middle one. */
  readonly median: number;
}

/** Renews `count` times with `inFlight` requests at once. */
export async function renewMany(
  url: string,
  fleet: Fleet,
  { count, inFlight }: { readonly count: number; readonly inFlight: number },
): Promise<Pace> {
  const times: number[] = [];
  let left = count;
  const startedAt = performance.now();
  const oneAfterAnother = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const host = fleet.take();
      const before = performance.now();
      await renewOnce(url, host);
      times.push(performance.now() - before);
      fleet.giveBack(host);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, oneAfterAnother));
  const seconds = (performance.now() - startedAt) / 1000;
  times.sort((a, b) => a - b);
  return { perSecond: count / seconds, median: times[Math.floor(times.length / 2)] ?? 0 };
}

function post(
  url: string,
  { file, hostId, licenseId, customerId }: Host,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(file),
      'host-id': hostId,
      [LICENSE_HEADER]: licenseId,
      [CUSTOMER_HEADER]: customerId,
    };
    const outgoing = request(url, { agent, method: 'POST', headers }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(file);
  });
}
