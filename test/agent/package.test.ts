import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../agent/src/exit-codes.ts';
import { HostileService } from './hostile-service.ts';

const root = join(import.meta.dirname, '../..');
const agent = join(root, 'agent');
const folder = mkdtempSync(join(tmpdir(), 'license-agent-package-'));
const service = new HostileService();

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}
let packed: Packed;

beforeAll(async () => {
  await service.open();
  service.install();
  // Builds first, as publishing does.
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--workspace', 'agent'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  });
  const [first] = JSON.parse(output.slice(output.indexOf('['))) as readonly Packed[];
  if (first === undefined) throw new Error('Nothing was packed');
  packed = first;
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (cwd: string, program: string, ...parameters: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const environment = { PATH: process.env['PATH'] };
    execFile(process.execPath, [program, ...parameters], { cwd, env: environment }, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(new Error('It could not be started', { cause: error }));
    });
  });

const manifest = JSON.parse(readFileSync(join(agent, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

describe('the package', () => {
  it('is smaller than 300 kB, and what it promises is in it', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(packed.size).toBeLessThan(300_000);
    for (const path of ['dist/cli.js', 'dist/index.js', 'dist/index.d.ts', 'README.md', 'LICENSE']) {
      expect(paths).toContain(path);
    }
    expect(
      paths.filter((path) => !/^(dist\/|recipes\/|README\.md$|LICENSE$|package\.json$)/.test(path)),
    ).toEqual([]);
    expect(paths.filter((path) => /(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it('has at most five dependencies, each of one version', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(5);
    expect(Object.values(manifest.dependencies).filter((one) => !/^\d+\.\d+\.\d+$/.test(one))).toEqual([]);
  });

  it('imports nothing but Node and its dependencies, and nothing of the service', () => {
    for (const name of ['cli.js', 'index.js']) {
      const code = readFileSync(join(agent, 'dist', name), 'utf8');
      const imported = [...code.matchAll(/^(?:import|\} from)\b[^"\n]*"([^"\n]+)"/gm)].map(
        ([, from = '']) => from,
      );
      const foreign = imported.filter((one) => !one.startsWith('node:') && !(one in manifest.dependencies));
      expect(imported).toContain('undici');
      expect(foreign).toEqual([]);
      expect(code).not.toMatch(/aws-sdk|@smithy|lambdas\/|powertools/);
    }
  });

  it('has declarations that a strict consumer type-checks against', async () => {
    const consumer = join(folder, 'consumer');
    mkdirSync(join(consumer, 'node_modules', '@types'), { recursive: true });
    symlinkSync(agent, join(consumer, 'node_modules', 'license-renewal-agent'), 'junction');
    symlinkSync(
      join(root, 'node_modules/@types/node'),
      join(consumer, 'node_modules/@types/node'),
      'junction',
    );
    symlinkSync(
      join(root, 'node_modules/undici-types'),
      join(consumer, 'node_modules/undici-types'),
      'junction',
    );
    writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
    const program = (more = ''): string => `
      import { AgentFault, createRenewer, EXIT, type ExitCode, type RenewalReport } from 'license-renewal-agent';
      const renewer = createRenewer({ files: ['product.lic'], keySet: 'keys.json', net: { timeoutSeconds: 10 } });
      renewer.on('renewed', ({ path, file }: RenewalReport) => console.log(path, file?.claims.options[0]?.quantity));
      renewer.on('expiring', ({ warning }) => console.log(warning?.kind, warning?.lines.join(' ')));
      renewer.on('trouble', (error) => console.log(error.message));
      renewer.start();
      const [status] = await renewer.status();
      const code: ExitCode = status?.state === 'valid' ? EXIT.ok : EXIT.expired;
      await renewer.renew(AbortSignal.timeout(1000)).catch((error: unknown) => error instanceof AgentFault && error.advice);
      await renewer.close();
      console.log(code);
      ${more}`;
    writeFileSync(join(consumer, 'good.ts'), program());
    writeFileSync(join(consumer, 'wrong.ts'), program("renewer.on('expired', () => undefined);"));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const check = (name: string): Promise<Ran> =>
      run(
        consumer,
        tsc,
        '--noEmit',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--types',
        'node',
        name,
      );
    const [good, wrong] = await Promise.all([check('good.ts'), check('wrong.ts')]);
    expect(good).toEqual({ code: 0, out: '', err: '' });
    expect(wrong.code).not.toBe(0);
    expect(wrong.out.trim()).toMatch(/^wrong\.ts\(13,.*$/);
  });
});

describe('the bundle', () => {
  it('is one file that runs with nothing beside it', async () => {
    const alone = join(folder, 'alone');
    mkdirSync(alone);
    copyFileSync(join(agent, 'bundle/license-agent.mjs'), join(alone, 'license-agent.mjs'));
    const started = (...parameters: readonly string[]) => run(alone, 'license-agent.mjs', ...parameters);
    expect(await started('--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
    const inspected = await started('inspect', service.file);
    expect(inspected.out).toMatch(/NOT verified[\s\S]*Product +ES, installation main/);
    const verified = await started('verify', service.licenses, '--key-set', service.keys);
    expect(verified).toMatchObject({
      code: EXIT.ok,
      out: expect.stringContaining('product.lic: genuine') as string,
    });
    const renewed = await started('renew', service.file, '--key-set', service.keys);
    expect(renewed).toMatchObject({ code: EXIT.ok, err: '' });
    writeFileSync(service.file, service.next().slice(0, -8));
    const damaged = await started('verify', service.licenses, '--key-set', service.keys);
    expect([damaged.code, damaged.err]).toEqual([
      EXIT.file,
      expect.stringContaining('Restore the previous file'),
    ]);
    expect((await started('verify', '--key-set', service.keys)).code).toBe(EXIT.usage);
    expect(readdirSync(alone)).toEqual(['license-agent.mjs']);
  });
});
