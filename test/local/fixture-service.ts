import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalService, type LocalService, type LocalServiceOptions } from '../../local/service.ts';
import { writeFixtureAssembly, type FixtureOptions } from './fixture-assembly.ts';

export interface FixtureService extends LocalService {
  readonly dataDir: string;
  /** What the functions printed so far, with their names. */
  readonly logs: readonly string[];
}

/** The local run of the fixture's functions; `stop()` removes everything. */
export async function startFixture({
  schedules,
  ...options
}: Partial<LocalServiceOptions> & FixtureOptions = {}): Promise<FixtureService> {
  const assembly = writeFixtureAssembly(schedules === undefined ? {} : { schedules });
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'licensing-local-'));
  const logs: string[] = [];
  const service = await startLocalService({
    port: 0,
    dataDir,
    assembly,
    onLog: (name, line) => logs.push(`${name} ${line}`),
    ...options,
  });
  return {
    ...service,
    dataDir,
    logs,
    async stop() {
      await service.stop();
      rmSync(assembly, { recursive: true, force: true });
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The JSON that a function answered. */
export async function jsonOf<T>(response: Response | Promise<Response>): Promise<T> {
  return (await (await response).json()) as T;
}
