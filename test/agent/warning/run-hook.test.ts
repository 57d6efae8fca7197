import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runHook } from '../../../agent/src/warning/run-hook.ts';
import { timed } from '../loop/steps.ts';

const environment = { PATH: process.env['PATH'] };
const run = (command: string, limitSeconds?: number) =>
  runHook({
    command,
    variables: { LICENSE_ID: 'lic_1' },
    environment,
    ...(limitSeconds ? { limitSeconds } : {}),
  });

afterEach(() => void vi.useRealTimers());

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
    const folder = await mkdtemp(join(tmpdir(), 'agent-hook-'));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Ends when the last process that holds its other end has ended.
    const left = createReadStream(pipe);
    const hasEnded = once(left, 'end');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = run(
      `echo waiting; (echo here; sleep 3600) > '${pipe}' & sleep 3600; echo unreached`,
      0.2,
    );
    await once(left, 'data');
    vi.advanceTimersByTime(199);
    expect(await Promise.race([running, turn('not yet')])).toBe('not yet');
    vi.advanceTimersByTime(1);
    expect(await running).toEqual({
      kind: 'failed',
      detail: 'it took longer than 0.2 s and was ended',
      output: 'waiting',
    });
    await hasEnded;
    await rm(folder, { recursive: true });
  });

  it('may leave a process behind that keeps its output open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-hook-'));
    const left = join(folder, 'left');
    // It stays until this test is over: whoever waits for it is not back by then.
    const hook = `(while [ ! -e '${left}' ]; do sleep 0.1; done) & echo started`;
    const { result, milliseconds } = await timed(() => run(hook));
    expect(milliseconds).toBeLessThan(1500);
    expect(result).toEqual({ kind: 'ok', output: 'started' });
    writeFileSync(left, '');
    await rm(folder, { recursive: true });
  });

  it('may write without end: the beginning is kept, on one line, without control characters', async () => {
    const result = await run("printf '\\033[31mred\\n'; head -c 20000000 /dev/zero | tr '\\0' x");
    expect(result.kind).toBe('ok');
    expect(result.output.length).toBeLessThanOrEqual(501);
    expect(result.output).toMatch(/^\?\[31mred\?x+…$/);
  });
});
