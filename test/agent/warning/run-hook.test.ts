import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHook } from '../../../agent/src/warning/run-hook.ts';

const environment = { PATH: process.env['PATH'] };
const run = (command: string, limitSeconds?: number) =>
  runHook({
    command,
    variables: { LICENSE_ID: 'lic_1' },
    environment,
    ...(limitSeconds ? { limitSeconds } : {}),
  });

describe('a command of the customer', () => {
  it('is run by the shell, with the variables and without input', async () => {
    expect(await run('cat; echo "$LICENSE_ID" | tr a-z A-Z')).toEqual({ kind: 'ok', output: 'LIC_1' });
  });

  it('that fails says how', async () => {
    expect(await run('exit 7')).toMatchObject({ kind: 'failed', detail: 'it ended with code 7' });
    expect(await run('kill -9 $$')).toMatchObject({ kind: 'failed', detail: 'it was ended by SIGKILL' });
    expect(await run('/no/such/command')).toMatchObject({ kind: 'failed', detail: 'it ended with code 127' });
  });

  it('that cannot be started is a failure', async () => {
    expect((await run('a\0b')).kind).toBe('failed');
  });

  it('is ended after its time, with all that it has started', async () => {
    const startedAt = performance.now();
    const folder = await mkdtemp(join(tmpdir(), 'agent-hook-'));
    const late = join(folder, 'late');
    const result = await run(`(sleep 0.6; touch '${late}') & echo waiting; sleep 30; echo unreached`, 0.2);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(result).toEqual({
      kind: 'failed',
      detail: 'it took longer than 0.2 s and was ended',
      output: 'waiting',
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(existsSync(late)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('may leave a process behind that keeps its output open', async () => {
    const startedAt = performance.now();
    const result = await run('sleep 3 & echo started');
    expect(result).toEqual({ kind: 'ok', output: 'started' });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it('may write without end: the beginning is kept, on one line, without control characters', async () => {
    const result = await run("printf '\\033[31mred\\n'; head -c 20000000 /dev/zero | tr '\\0' x");
    expect(result.kind).toBe('ok');
    expect(result.output.length).toBeLessThanOrEqual(501);
    expect(result.output).toMatch(/^\?\[31mred\?x+…$/);
  });
});
