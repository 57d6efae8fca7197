import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { operations, routeKeyOf } from '../../lambdas/core/api/operations.ts';
import { parseContract } from '../../lambdas/core/contract.ts';
import { parseCustomer } from '../../lambdas/core/customer.ts';
import { parseLicenseOrder } from '../../lambdas/core/license-order.ts';
import { problems } from '../../lambdas/core/problem.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const matchesOf = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** Every page in Markdown, as a path from the root of the project. */
const pages = ['', 'docs', 'lambdas', 'test', 'bench', 'local', 'lib', 'agent']
  .map((folder) => join(root, folder))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: folder !== join(root, ''), withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );

/** The anchor that a heading gets where Markdown is shown. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Routes of the service that a page names; those of the local run are its own. */
const routesIn = (markdown: string): string[] =>
  matchesOf(markdown, /`((?:GET|POST|PUT|PATCH|DELETE) \/[^`?\s]*)/g).filter(
    (route) => !route.includes(' /_local/'),
  );

const anchorsIn = (markdown: string): string[] => matchesOf(markdown, /^#+ (.+)$/gm).map(anchorOf);

describe('docs/protocol.md', () => {
  const protocol = read('docs/protocol.md');
  const sections = new Map(
    [...protocol.matchAll(/^#### (\S+)\n\n([^#]+)/gm)].map(([, code = '', text = '']) => [code, text]),
  );

  it('has a section for every code of the source, and for no other', () => {
    expect(distinct([...sections.keys()])).toEqual(distinct(Object.keys(problems)));
  });

  it.each(Object.entries(problems))('gives %s its status and its Retry-After', (code, kind) => {
    const retry = 'retryAfter' in kind ? `, \`Retry-After: ${kind.retryAfter}\`` : '';
    expect(sections.get(code)).toMatch(new RegExp(`^Status ${kind.status}${retry}\\. `));
  });

  it.each(operations.filter(({ audience }) => audience !== 'customer').map(routeKeyOf))(
    'or another page explains %s, which programs call',
    (route) => {
      const explaining = pages.filter(
        (page) => page !== 'docs/api.md' && routesIn(read(page)).includes(route),
      );
      expect(explaining).not.toEqual([]);
    },
  );
});

describe('docs/api.md', () => {
  it('lists every route with who may call it, and no other', () => {
    const rows = matchesOf(read('docs/api.md'), /^\| (`[A-Z]+ \/.*) \|$/gm).map((row) =>
      row.split('|').map((cell) => cell.trim()),
    );
    const callers = { public: 'anybody', vendor: 'vendor' };
    expect(rows).toEqual(
      operations.map((operation) => [
        `\`${routeKeyOf(operation)}\``,
        operation.audience === 'customer' ? (operation.role ?? 'viewer') : callers[operation.audience],
        operation.summary,
      ]),
    );
  });
});

describe('the documents in docs/protocol.md', () => {
  const protocol = read('docs/protocol.md');
  const examples = matchesOf(protocol, /^```json\n(.+?)^```$/gms).map((text) => JSON.parse(text) as object);
  const exampleWith = (member: string): object => examples.find((example) => member in example) ?? {};
  const contract = exampleWith('revision');

  it('are taken by the service', () => {
    expect(parseCustomer(exampleWith('contacts'))).toEqual(exampleWith('contacts'));
    expect(parseContract('c-1001', contract)).toEqual(contract);
    expect(parseLicenseOrder('acme', exampleWith('host'), undefined)).toMatchObject(exampleWith('host'));
  });

  it.each(['hosts', 'graceDays', 'validityDays', 'renewEverySeconds'])('have the limits of %s', (member) => {
    const row = protocol.split('\n').find((line) => line.startsWith(`| \`${member}\``)) ?? '';
    const [, least = 0, most = 0] = (/(\d+) to ([\d,]+)/.exec(row) ?? []).map((text) =>
      Number(text.replaceAll(',', '')),
    );
    const takes = (value: number) => () => parseContract('c-1001', { ...contract, [member]: value });
    expect(takes(least)).not.toThrow();
    expect(takes(most)).not.toThrow();
    expect(takes(least - 1)).toThrow('body-invalid');
    expect(takes(most + 1)).toThrow('body-invalid');
  });
});

describe('docs/dependencies.md', () => {
  it('has one line for every package of package.json, and for no other', () => {
    type Manifest = Record<'dependencies' | 'devDependencies', Record<string, string> | undefined>;
    const namesIn = (path: string): string[] => {
      const { dependencies, devDependencies } = JSON.parse(read(path)) as Manifest;
      return Object.keys({ ...dependencies, ...devDependencies });
    };
    const [rest = '', agent = ''] = read('docs/dependencies.md').split('## The agent');
    const linesIn = (text: string): string[] => matchesOf(text, /^\| `([^`]+)`/gm).toSorted();
    expect(linesIn(rest)).toEqual(namesIn('package.json').sort());
    expect(linesIn(agent)).toEqual(namesIn('agent/package.json').sort());
  });
});

describe('docs/local-run.md', () => {
  it('names every variable that the local run reads', () => {
    const names = matchesOf(read('local/settings.ts'), /environment(?:\['|, ')([A-Z_]+)'/g);
    const page = read('docs/local-run.md');
    expect(names.length).toBeGreaterThan(5);
    expect(distinct(names).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe.each(pages)('%s', (page) => {
  const markdown = read(page);

  it('runs scripts and programs that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const wanted = [
      ...matchesOf(markdown, /npm run ([\w:-]+)/g),
      ...matchesOf(markdown, /npm (start|test)\b/g),
    ];
    expect(distinct(wanted).filter((name) => !(name in scripts))).toEqual([]);
    const programs = distinct(matchesOf(markdown, /npx ([\w-]+)/g));
    expect(programs.filter((name) => !existsSync(join(root, 'node_modules/.bin', name)))).toEqual([]);
  });

  it('names only routes that are there', () => {
    const there = operations.map(routeKeyOf);
    expect(distinct(routesIn(markdown)).filter((route) => !there.includes(route))).toEqual([]);
  });

  it('links to files and headings that are there', () => {
    const links = matchesOf(markdown, /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsIn(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
