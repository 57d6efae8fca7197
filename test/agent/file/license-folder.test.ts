import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findLicenseFiles } from '../../../agent/src/file/license-folder.ts';
import { aFolder, bundleProgram, run } from './support.ts';

const program = await bundleProgram();

function aLicenseFolder(...names: readonly string[]): string {
  const folder = aFolder();
  for (const name of names) writeFileSync(join(folder, name), '');
  return folder;
}

it('finds the license files of a folder in their order, and nothing that the agent or a system left there', async () => {
  const folder = aLicenseFolder(
    'b.lic',
    'a.lic',
    'C.LIC',
    'a.lic.previous',
    '.a.lic.0123456789ab.tmp',
    '._a.lic',
    '.lic',
    'notes.txt',
    'keys.json',
  );
  mkdirSync(join(folder, 'a.lic.lock'));
  mkdirSync(join(folder, 'old.lic'));
  writeFileSync(join(folder, 'old.lic', 'deep.lic'), '');
  expect(await findLicenseFiles([folder])).toEqual(
    ['C.LIC', 'a.lic', 'b.lic'].map((name) => join(folder, name)),
  );
});

it('gives files as they are named, also missing ones, so that they are reported', async () => {
  const folder = aLicenseFolder('license.txt');
  const paths = [join(folder, 'none.lic'), join(folder, 'license.txt')];
  expect(await findLicenseFiles(paths)).toEqual(paths);
  expect(await findLicenseFiles([])).toEqual([]);
  expect(await findLicenseFiles([aFolder()])).toEqual([]);
});

it('gives each file once, by the name that comes first', async () => {
  const folder = aLicenseFolder('a.lic');
  symlinkSync('a.lic', join(folder, 'b.lic'));
  symlinkSync('nowhere', join(folder, 'c.lic'));
  const a = join(folder, 'a.lic');
  expect(await findLicenseFiles([a, folder, `${folder}/./a.lic`])).toEqual([a, join(folder, 'c.lic')]);
});

it('of the other folders are renewed where one cannot be listed, which is told once', async () => {
  const closed = aLicenseFolder('a.lic');
  const open = aLicenseFolder('b.lic');
  chmodSync(open, 0o755);
  chmodSync(closed, 0o311);
  const { output } = await run(process.execPath, program, 'renew-as-nobody', closed, open);
  chmodSync(closed, 0o755);
  const b = join(open, 'b.lic');
  expect(JSON.parse(output)).toEqual({
    outcomes: [
      [closed, 'file-unreadable'],
      [b, 'keys'],
    ],
    files: [b, b],
    troubles: [expect.stringMatching(/^list .*cannot be listed/)],
  });
});
