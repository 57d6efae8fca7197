import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceFile, type ReplaceStep } from '../../../agent/src/file/replace-file.ts';
import { isWhole, numbered } from './numbered.ts';
import { aFolder, bundleProgram, run } from './support.ts';

const program = await bundleProgram();

const aFile = (text = 'old'): string => {
  const path = join(aFolder(), 'product.lic');
  writeFileSync(path, text);
  return path;
};
const read = (path: string): string => readFileSync(path, 'utf8');
const beside = (path: string): string[] => readdirSync(join(path, '..')).sort();
const isRoot = process.getuid?.() === 0;

const STEPS: readonly ReplaceStep[] = [
  'cleaned',
  'created',
  'written',
  'owned',
  'flushed',
  'linked',
  'kept',
  'replaced',
  'settled',
];

describe('replacing a file', () => {
  it('puts the new text in place and keeps the previous file', async () => {
    const path = aFile();
    await replaceFile(path, 'new');
    await replaceFile(path, 'newer');
    expect(read(path)).toBe('newer');
    expect(read(`${path}.previous`)).toBe('new');
    expect(beside(path)).toEqual(['product.lic', 'product.lic.previous']);
  });

  it.each([
    ['old\n', 'new\n'],
    ['old\r\n', 'new\r\n'],
    ['old', 'new'],
    ['\n', 'new\n'],
    ['', 'new'],
  ])('ends %j with what the old one ended with: %j', async (before, after) => {
    const path = aFile(before);
    await replaceFile(path, 'new');
    expect(read(path)).toBe(after);
  });

  it('takes all steps in their order, and calls each once', async () => {
    const steps: ReplaceStep[] = [];
    await replaceFile(aFile(), 'new', { onStep: (step) => steps.push(step) });
    expect(steps).toEqual(STEPS);
  });

  it.each(['600', '640', '644', '444', '664'])('keeps the mode %s', async (octal) => {
    const mode = parseInt(octal, 8);
    const path = aFile();
    chmodSync(path, mode);
    await replaceFile(path, 'new');
    expect(statSync(path).mode & 0o7777).toBe(mode);
    expect(statSync(`${path}.previous`).mode & 0o7777).toBe(mode);
  });

  it('is readable for nobody else before it has its owner', async () => {
    const path = aFile();
    chmodSync(path, 0o644);
    let mode = 0;
    await replaceFile(path, 'new', {
      onStep: (step) => {
        const temporary = beside(path).find((name) => name.endsWith('.tmp'));
        if (step === 'written') mode = statSync(join(path, '..', temporary!)).mode & 0o777;
      },
    });
    expect(mode).toBe(0o600);
  });

  it('keeps the owner and the group, where the user may give files away', async () => {
    const path = aFile();
    if (isRoot) chownSync(path, 1234, 4321);
    const { uid, gid } = statSync(path);
    await replaceFile(path, 'new');
    expect(statSync(path)).toMatchObject({ uid, gid });
    expect(statSync(`${path}.previous`)).toMatchObject({ uid, gid });
  });

  it('replaces what a symbolic link points to, and leaves the link', async () => {
    const target = aFile();
    const link = join(aFolder(), 'link.lic');
    symlinkSync(target, link);
    await replaceFile(link, 'new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(read(target)).toBe('new');
    expect(read(`${target}.previous`)).toBe('old');
    expect(beside(link)).toEqual(['link.lic']);
  });

  it('leaves another name of the old file alone', async () => {
    const path = aFile();
    const other = join(path, '..', 'copy');
    linkSync(path, other);
    await replaceFile(path, 'new');
    expect(read(other)).toBe('old');
  });

  it('stores a file that was not there, with the mode that is asked for and nothing previous', async () => {
    const path = join(aFolder(), 'state.json');
    await replaceFile(path, '{}\n', { mode: 0o644 });
    expect(read(path)).toBe('{}\n');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    await replaceFile(path, '{}\n', { keepPrevious: false });
    expect(beside(path)).toEqual(['state.json']);
    expect(read(path)).toBe('{}\n');
  });

  it('removes what killed runs left, and nothing else', async () => {
    const path = aFile();
    const folder = join(path, '..');
    writeFileSync(join(folder, '.product.lic.0123456789ab.tmp'), 'half');
    const others = ['.other.lic.0123456789ab.tmp', '.product.lic.notours.tmp', 'product.lic.tmp'];
    for (const name of others) writeFileSync(join(folder, name), '');
    await replaceFile(path, 'new');
    expect(beside(path)).toEqual([...others, 'product.lic', 'product.lic.previous'].sort());
  });

  it('does not follow a link at the place of the previous file', async () => {
    const path = aFile();
    const precious = aFile('precious');
    symlinkSync(precious, `${path}.previous`);
    await replaceFile(path, 'new');
    expect(read(precious)).toBe('precious');
    expect(read(`${path}.previous`)).toBe('old');
  });
});

describe('a process that is killed while it replaces a file', () => {
  const isReplaced = (step: ReplaceStep): boolean => STEPS.indexOf(step) >= STEPS.indexOf('replaced');

  it.each(STEPS)('leaves the old or the new file, whole, after the step %s', async (step) => {
    const path = aFile(numbered(1));
    chmodSync(path, 0o640);
    const { signal } = await run(process.execPath, program, 'replace', path, numbered(2), step);
    expect(signal).toBe('SIGKILL');
    expect(read(path)).toBe(numbered(isReplaced(step) ? 2 : 1));
    expect(statSync(path).mode & 0o777).toBe(0o640);
    if (existsSync(`${path}.previous`)) expect(read(`${path}.previous`)).toBe(numbered(1));

    const before = read(path);
    await replaceFile(path, numbered(3));
    expect(read(path)).toBe(numbered(3));
    expect(read(`${path}.previous`)).toBe(before);
    expect(beside(path)).toEqual(['product.lic', 'product.lic.previous']);
  });

  it('does no harm many times in a row', async () => {
    const path = aFile(numbered(1));
    for (const step of ['kept', 'linked', 'created', 'kept', 'written']) {
      await run(process.execPath, program, 'replace', path, numbered(2), step);
    }
    expect(read(path)).toBe(numbered(1));
    expect(beside(path).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
    await replaceFile(path, numbered(2));
    expect(beside(path)).toEqual(['product.lic', 'product.lic.previous']);
  });
});

describe('a file that cannot be stored', () => {
  it('stays as it was when a file may not grow, and says so', async () => {
    const path = aFile(numbered(1));
    // Blocks of 512 bytes: a part of the new file is written.
    const limited = 'ulimit -f 8; exec "$@"';
    const { code, output } = await run(
      '/bin/sh',
      '-c',
      limited,
      'sh',
      process.execPath,
      program,
      'replace',
      path,
      numbered(2),
    );
    expect(code).toBe(7);
    expect(output).toMatch(/^not-written\|.*was not changed: .*limit.*EFBIG.*\|Free some space/);
    expect(read(path)).toBe(numbered(1));
    expect(beside(path)).toEqual(['product.lic']);
  });

  it('stays as it was in a folder that may not be written, and says that the folder matters', async () => {
    const path = aFile();
    const folder = join(path, '..');
    chmodSync(path, 0o666);
    chmodSync(folder, 0o555);
    const { code, output } = await run(process.execPath, program, 'replace-as-nobody', path, 'new');
    chmodSync(folder, 0o755);
    expect(code).toBe(7);
    expect(output).toContain('not-written|');
    expect(output).toContain(`create files in ${folder}`);
    expect(read(path)).toBe('old');
    expect(beside(path)).toEqual(['product.lic']);
  });

  it.runIf(isRoot)('is known beforehand where the user may not give files away', async () => {
    const path = aFile();
    chmodSync(join(path, '..'), 0o777);
    const { code, output } = await run(process.execPath, program, 'own-as-nobody', path);
    expect([code, output]).toEqual([
      7,
      expect.stringMatching(/^not-written\|.*belongs to user 0.*\|.*chown 65534/),
    ]);
    chownSync(path, 65_534, 65_534);
    expect(await run(process.execPath, program, 'own-as-nobody', path)).toMatchObject({
      code: 0,
      output: '',
    });
  });

  it.runIf(isRoot)('stays with its owner where the user may not give files away', async () => {
    const path = aFile();
    chmodSync(join(path, '..'), 0o777);
    const { code, output } = await run(process.execPath, program, 'replace-as-nobody', path, 'new');
    expect(code).toBe(7);
    expect(output).toMatch(/not-written\|.*owner and group.*\|Run the agent as the user that owns the file/);
    expect(read(path)).toBe('old');
    expect(beside(path)).toEqual(['product.lic']);
  });

  it.runIf(isRoot).each([
    ['640', 7],
    ['644', 0],
  ])(
    'with the mode %s and a group that the user is not in: only a group without rights of its own may get lost',
    async (octal, expected) => {
      const path = aFile();
      chmodSync(join(path, '..'), 0o777);
      chmodSync(path, parseInt(octal, 8));
      chownSync(path, 65_534, 4321);
      const { code } = await run(process.execPath, program, 'replace-as-nobody', path, 'new');
      expect(code).toBe(expected);
      expect(read(path)).toBe(expected === 0 ? 'new' : 'old');
      expect(statSync(path).uid).toBe(65_534);
    },
  );

  it.each([
    ['ENOSPC', /full/, /Free some space/],
    ['EDQUOT', /quota/, /Free some space/],
    ['EROFS', /read-only/, /ReadWritePaths/],
    ['EACCES', /may not write/, /create files/],
    ['EPERM', /may not write/, /create files/],
    ['EBUSY', /mounted/, /Mount the folder/],
    ['EIO', /refused/, /Look at the disk/],
  ])('stays as it was after %s at any step, with advice', async (code, why, advice) => {
    for (const failing of STEPS.slice(0, STEPS.indexOf('replaced'))) {
      const path = aFile();
      const onStep = (step: ReplaceStep): void => {
        if (step === failing) throw Object.assign(new Error(code), { code, syscall: 'write' });
      };
      await expect(replaceFile(path, 'new', { onStep })).rejects.toMatchObject({
        name: 'AgentFault',
        code: 'not-written',
        message: expect.stringMatching(why) as unknown,
        advice: expect.stringMatching(advice) as unknown,
      });
      expect(read(path)).toBe('old');
      expect(beside(path).filter((name) => name !== 'product.lic.previous')).toEqual(['product.lic']);
    }
  });

  it('is not taken for a fault of the disk when the program is at fault, and leaves nothing either', async () => {
    const path = aFile();
    const onStep = (step: ReplaceStep): void => {
      if (step === 'written') throw new TypeError('a bug');
    };
    await expect(replaceFile(path, 'new', { onStep })).rejects.toThrow(TypeError);
    expect(beside(path)).toEqual(['product.lic']);
  });

  it('says so of a folder, and of a missing folder', async () => {
    const folder = join(aFolder(), 'product.lic');
    mkdirSync(folder);
    await expect(replaceFile(folder, 'new')).rejects.toMatchObject({ code: 'not-written' });
    await expect(replaceFile(join(folder, 'a', 'b.lic'), 'new')).rejects.toMatchObject({
      code: 'not-written',
    });
  });

  it('names neither control characters of a path nor the text', async () => {
    const path = join(aFolder(), 'no', 'such\u001b[2J', 'product.lic');
    const fault = await replaceFile(path, 'secret').catch((error: unknown) => error);
    expect(String(fault)).not.toContain('\u001b');
    expect(String(fault)).not.toContain('secret');
  });
});

describe('two processes that replace one file', () => {
  it('lose none of 200 replacements, and no reader ever finds half a file', async () => {
    const path = aFile(numbered(0));
    const both = Promise.all([1, 2].map(() => run(process.execPath, program, 'repeat', path, '100')));
    const readers = { areDone: false };
    let reads = 0;
    void both.then(() => (readers.areDone = true));
    while (!readers.areDone) {
      expect(isWhole(read(path))).toBe(true);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await both).map(({ code, output }) => [code, output])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(reads).toBeGreaterThan(100);
    expect(read(path)).toBe(numbered(200));
    expect(read(`${path}.previous`)).toBe(numbered(199));
    expect(beside(path)).toEqual(['product.lic', 'product.lic.previous']);
  });

  it('never leave half a file even without the lock', async () => {
    const path = aFile(numbered(0));
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => replaceFile(path, numbered(index + 1))),
    );
    expect(isWhole(read(path))).toBe(true);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'not-written' });
    }
  });
});
