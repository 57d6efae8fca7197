import { existsSync, rmdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withLock } from '../../../agent/src/file/file-lock.ts';
import { aFolder, bundleProgram, run } from './support.ts';

const program = await bundleProgram();

const aFile = (): string => {
  const path = join(aFolder(), 'product.lic');
  writeFileSync(path, 'text');
  return path;
};
const setAge = (folder: string, seconds: number): void => {
  const at = Date.now() / 1000 - seconds;
  utimesSync(folder, at, at);
};

it('gives back what the work gives, and leaves no lock', async () => {
  const path = aFile();
  await expect(withLock(path, () => Promise.resolve(existsSync(`${path}.lock`)))).resolves.toBe(true);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

it('leaves no lock after work that fails, and throws what it threw', async () => {
  const path = aFile();
  await expect(withLock(path, () => Promise.reject(new RangeError('work')))).rejects.toThrow(RangeError);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

it('lets one work at a time, whatever link leads to the file', async () => {
  const path = aFile();
  const link = join(aFolder(), 'link.lic');
  symlinkSync(path, link);
  let atWork = 0;
  const work = async (): Promise<void> => {
    atWork += 1;
    expect(atWork).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    atWork -= 1;
  };
  await Promise.all([path, link, path].map((one) => withLock(one, work)));
});

it('is refused with advice when the other does not end in time', async () => {
  const path = aFile();
  await withLock(path, async () => {
    await expect(withLock(path, () => Promise.resolve(), { waitSeconds: 0.1 })).rejects.toMatchObject({
      code: 'locked',
      advice: expect.stringContaining(`${path}.lock`) as unknown,
    });
  });
});

it('takes over the lock of a killed process once it is stale', async () => {
  const path = aFile();
  expect(await run(process.execPath, program, 'die-locked', path)).toMatchObject({ signal: 'SIGKILL' });
  expect(existsSync(`${path}.lock`)).toBe(true);
  await expect(withLock(path, () => Promise.resolve(), { waitSeconds: 0 })).rejects.toMatchObject({
    code: 'locked',
  });
  setAge(`${path}.lock`, 31);
  await expect(withLock(path, () => Promise.resolve('mine'), { waitSeconds: 0 })).resolves.toBe('mine');
});

it('takes over a lock from the future, where the clock was wrong when its process was killed', async () => {
  const path = aFile();
  mkdirSync(`${path}.lock`);
  setAge(`${path}.lock`, -400 * 86_400);
  await expect(
    withLock(path, () => Promise.resolve('mine'), { waitSeconds: 3, staleSeconds: 0.3 }),
  ).resolves.toBe('mine');
});

it('tells the work when the lock is lost, and the process goes on', async () => {
  const path = aFile();
  const result = await withLock(
    path,
    async (lost) => {
      rmdirSync(`${path}.lock`);
      await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()));
      return 'ended by itself';
    },
    { staleSeconds: 1 },
  );
  expect(result).toBe('ended by itself');
});

it('does not remove the lock of another that took it over', async () => {
  const path = aFile();
  await withLock(
    path,
    async (lost) => {
      setAge(`${path}.lock`, -5);
      await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()));
    },
    { staleSeconds: 1 },
  );
  expect(existsSync(`${path}.lock`)).toBe(true);
});

it('says that a file is missing, and that something else is at the place of the lock', async () => {
  await expect(withLock(join(aFolder(), 'none.lic'), () => Promise.resolve())).rejects.toMatchObject({
    code: 'file-missing',
  });
  const path = aFile();
  writeFileSync(`${path}.lock`, '');
  setAge(`${path}.lock`, 100);
  await expect(withLock(path, () => Promise.resolve())).rejects.toMatchObject({ code: 'locked' });
});
