import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../../docs/verify-a-license.md', import.meta.url), 'utf8');

const blocks = [...page.matchAll(/^```\w+\n(.+?)^```$/gms)].map(([, block = '']) => block);

/** A whole program of the page: the block that says how it is called. */
export const programOf = (usage: string): string => onlyBlock((block) => block.includes(`usage: ${usage} `));

export interface Commands {
  /** Lines that make the program; empty where nothing has to be made. */
  readonly build: readonly string[];
  /** The call, as words, without the arguments that the page shows. */
  readonly call: readonly string[];
}

const ARGUMENTS = ' keys https://licensing.vendor.example ES H-1 product.lic';

/** How the page makes a program and calls it with the arguments of its example. */
export function commandsOf(call: string): Commands {
  const lines = onlyBlock((block) => block.includes(`${call}${ARGUMENTS}`))
    .trim()
    .split('\n');
  return { build: lines.slice(0, -1), call: call.split(' ') };
}

/** The block that makes the folder of keys. */
export const keysCommand = (): string => onlyBlock((block) => block.startsWith('curl '));

function onlyBlock(is: (block: string) => boolean): string {
  const found = blocks.filter(is);
  if (found.length !== 1) throw new Error(`The page has ${found.length} such blocks, not one`);
  return found[0]!;
}
