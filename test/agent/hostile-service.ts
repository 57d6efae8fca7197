import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../agent/src/cli/run.ts';
import { DAY, type Clock, type Instant } from '../../agent/src/clock.ts';
import type { LicenseClaims } from '../../agent/src/license.ts';
import { jwkOf } from '../../lambdas/core/jws.ts';
import { NOW } from '../builders/instants.ts';
import { p256Key, signedFile, type SigningKey } from '../builders/signing-key.ts';
import type { Ran } from './at-service.ts';
import { someClaims } from './file/support.ts';
import { bodyOf, startHttp, type TestServer } from './net/servers.ts';

/** What the service does with a request for renewal. */
export type Behaviour = (
  response: ServerResponse,
  request: IncomingMessage,
  presented: string,
) => void | Promise<void>;

/** Answers a file, or anything else, as a file is answered. */
export const answering =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}, status = 200): Behaviour =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/jwt', ...headers });
    response.end(body);
  };

/** A service over real HTTP that signs real files and misbehaves as it is told, and a host with a license file of it. */
export class HostileService {
  readonly folder = mkdtempSync(join(tmpdir(), 'license-hostile-'));
  readonly keys = join(this.folder, 'keys.json');
  /** Where the license files are, and nothing else. */
  readonly licenses = mkdtempSync(join(tmpdir(), 'license-hostile-files-'));
  readonly file = join(this.licenses, 'product.lic');
  readonly key = p256Key();
  /** Of this machine; the service's own is NOW. */
  now: Instant = NOW;
  /** What was presented, in this order. */
  presented: string[] = [];
  behave: Behaviour = (response, _request, presented) =>
    answering(this.successorOf(presented))(response, _request, presented);
  private server: TestServer | undefined;

  async open(): Promise<void> {
    writeFileSync(this.keys, JSON.stringify({ keys: [jwkOf(this.key.publicKey)] }));
    this.server = await startHttp((request, response) => {
      response.setHeader('date', new Date(NOW * 1000).toUTCString());
      void bodyOf(request).then(
        (body) => {
          this.presented.push(body);
          return this.behave(response, request, body);
        },
        () => response.destroy(),
      );
    });
  }

  async close(): Promise<void> {
    await this.server?.stop();
    for (const folder of [this.folder, this.licenses]) rmSync(folder, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server?.port ?? 0}/v1/licenses/renew`;
  }

  /** The claims of the file on this host, a day old, or of a changed one. */
  claims(given: Partial<LicenseClaims> = {}): LicenseClaims {
    return someClaims({ renewal: { url: this.url, everySeconds: DAY }, ...given });
  }

  /** As the service signs. */
  sign(given: Partial<LicenseClaims> = {}, key: SigningKey = this.key): string {
    return signedFile(this.claims(given), key);
  }

  /** A newer file, issued now for 35 days, or a changed one. */
  next(given: Partial<LicenseClaims> = {}, key: SigningKey = this.key): string {
    return this.sign({ jti: 'serial-8', seq: 8, iat: NOW, exp: NOW + 35 * DAY, ...given }, key);
  }

  successorOf(presented: string): string {
    const [, payload = ''] = presented.split('.');
    // Signed by this very service, or by nobody: then the agent finds out.
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as LicenseClaims;
    const seq = claims.seq + 1;
    return this.next({ ...claims, seq, jti: `serial-${seq}`, iat: NOW, exp: NOW + 35 * DAY });
  }

  /** A fresh host: the file, and nothing that is remembered. Answers the text on disk. */
  install(text = `${this.sign()}\n`): string {
    for (const name of readdirSync(this.licenses)) rmSync(join(this.licenses, name), { recursive: true });
    writeFileSync(this.file, text);
    this.presented = [];
    return text;
  }

  onDisk(): string {
    return readFileSync(this.file, 'utf8');
  }

  names(): string[] {
    return readdirSync(this.licenses).sort();
  }

  readonly clock: Clock = { now: () => this.now, wait: () => Promise.resolve() };

  /** Runs `renew` on the file, as a shell would. */
  async renew(...parameters: readonly string[]): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run('0.0.0', ['renew', this.file, '--key-set', this.keys, ...parameters], {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      environment: { PATH: process.env['PATH'], NO_PROXY: '127.0.0.1' },
      clock: this.clock,
      random: () => 0.5,
      signal: new AbortController().signal,
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }
}
