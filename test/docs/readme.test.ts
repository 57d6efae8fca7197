import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../../local/seed.ts';
import { startService, type TestService } from '../support/service.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n(.+?)^```$/gms)].map(([, block = '']) => block);
const withCurl = blocks.filter((block) => block.includes('curl'));

describe('the commands of README.md', () => {
  const home = mkdtempSync(join(tmpdir(), 'licensing-readme-'));
  let service: TestService;

  beforeAll(async () => {
    // Refusals must fail the command, as they would fail whoever types it.
    writeFileSync(join(home, '.curlrc'), 'fail\nsilent\nshow-error\n');
    service = await startService({ dataDir: join(home, '.local') });
    await seed(service, service.folder('sample'));
  });
  afterAll(async () => {
    await service.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const run = async (script: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-euc', script.replaceAll('http://127.0.0.1:8080', service.url)],
      { cwd: home, env: { ...process.env, CURL_HOME: home, no_proxy: '127.0.0.1' } },
    );
    return stdout;
  };

  it('include renewing and ordering', () => {
    expect(withCurl.length).toBeGreaterThanOrEqual(3);
  });

  it.each(withCurl.map((block) => [block.split('\n')[0], block] as const))(
    'work: %s',
    async (_line, block) => {
      expect(await run(block)).not.toBe('');
    },
  );

  it('renew the sample with nothing but the file', async () => {
    const renewing = withCurl.find((block) => block.includes('/v1/licenses/renew')) ?? '';
    expect(await run(renewing)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });
});
