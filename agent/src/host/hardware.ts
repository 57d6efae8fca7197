import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Serial numbers by which a copy of a machine can be told from the machine: addresses of its network cards, and the id of its
 * board where this user may read it. Linux only; empty elsewhere, and in most containers.
 * @param root what `/` is, for tests
 */
export async function readHardware(root = '/'): Promise<readonly string[]> {
  const cards = join(root, 'sys/class/net');
  const names = await readdir(cards).catch(() => []);
  const found = await Promise.all([
    ...names.map((name) => addressOf(join(cards, name))),
    textOf(join(root, 'sys/class/dmi/id/product_uuid')),
  ]);
  return found.filter((text) => /[1-9a-f]/.test(text)).sort();
}

/** Of real cards only, and addresses of their own: bridges and Wi-Fi with made-up addresses change from day to day. */
async function addressOf(card: string): Promise<string> {
  const isReal = await access(join(card, 'device')).then(
    () => true,
    () => false,
  );
  const isPermanent = (await textOf(join(card, 'addr_assign_type'))) === '0';
  return isReal && isPermanent ? textOf(join(card, 'address')) : '';
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').then(
    (text) => text.trim().toLowerCase(),
    () => '',
  );
