import { zipSync } from 'fflate';
import type { Random } from './random.ts';

/** Texts that have broken programs before. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\n',
  'a\r\nb: c',
  '\ud800',
  '\u202Eevil',
  '\u2028',
  '\ufeff',
  'é',
  '😀'.repeat(64),
  'a'.repeat(65),
  'a'.repeat(256),
  'a'.repeat(5_000),
  '__proto__',
  'constructor',
  'toString',
  'length',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  'a#b',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '${jndi:ldap://x}',
  '=1+1',
  'null',
  'NaN',
  '-0',
  '1e309',
  '0x10',
  '9007199254740993',
  '2026-02-30',
  '0000-00-00',
  '9999-12-31',
  '+010000-01-01T00:00:00Z',
  '2026-01-01T00:00:00+24:00',
  '1969-12-31T23:59:59Z',
  'Europe/Nowhere',
  'a@b@c.example',
  'lic_',
  'W10',
  'bnVsbA',
];

const HOSTILE_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, -0, 1.5, 0.1, 1e308, -1e308, 2 ** 31, 2 ** 53, 5_001, 1_000_001],
  ...[[], {}, [[]], [null], { length: 1 }],
];

const hostileValue = (random: Random): unknown =>
  random.chance(0.5) ? random.pick(HOSTILE_TEXTS) : random.pick(HOSTILE_VALUES);

/** Changes one thing somewhere in a value. */
export function mutated(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return mutatedList(value, random);
  if (typeof value === 'object' && value !== null) return mutatedObject(Object.entries(value), random);
  return hostileValue(random);
}

function mutatedList(list: readonly unknown[], random: Random): unknown {
  const at = random.between(0, Math.max(0, list.length - 1));
  switch (random.weighted({ inside: 6, remove: 1, repeat: 1, many: 1, other: 1 })) {
    case 'inside':
      return list.length === 0
        ? [hostileValue(random)]
        : list.map((item, index) => (index === at ? mutated(item, random) : item));
    case 'remove':
      return list.filter((_, index) => index !== at);
    case 'repeat':
      return list.flatMap((item, index) => (index === at ? [item, item] : [item]));
    case 'many':
      return Array.from({ length: 250 }, () => list[at]);
    case 'other':
      return hostileValue(random);
  }
}

function mutatedObject(entries: readonly [string, unknown][], random: Random): unknown {
  const at = random.between(0, Math.max(0, entries.length - 1));
  switch (random.weighted({ inside: 8, remove: 2, add: 1, rename: 1, other: 1 })) {
    case 'inside':
      return Object.fromEntries(
        entries.map(([name, value], index) => [name, index === at ? mutated(value, random) : value]),
      );
    case 'remove':
      return Object.fromEntries(entries.filter((_, index) => index !== at));
    case 'add':
      return Object.fromEntries([...entries, [random.pick(HOSTILE_TEXTS), hostileValue(random)]]);
    case 'rename':
      return Object.fromEntries(
        entries.map(([name, value], index) => [index === at ? random.pick(HOSTILE_TEXTS) : name, value]),
      );
    case 'other':
      return hostileValue(random);
  }
}

/** Bodies that are no documents at all; made when they are first needed, as some are large. */
let bodies: readonly Buffer[] | undefined;

export function hostileBody(random: Random): Buffer {
  bodies ??= [
    ...['', '{', 'null', '[]', '{}', '"x"', '1e999', '-', 'undefined', '{"a":1}{"b":2}'].map((text) =>
      Buffer.from(text),
    ),
    ...[
      '{"reason":"a","reason":"b"}',
      '{"__proto__":{"x":1}}',
      '\ufeff{}',
      ' '.repeat(10_000),
      '.',
      '..',
    ].map((text) => Buffer.from(text)),
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.from('{"reason":"\xff"}', 'latin1'),
    Buffer.from('['.repeat(50_000)),
    Buffer.from('['.repeat(20_000) + ']'.repeat(20_000)),
    Buffer.from('{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)),
    Buffer.from(`{"reason":"${'x'.repeat(300_000)}"}`),
    Buffer.alloc(17_000, 'a'),
    Buffer.from(`${'a'.repeat(5_000)}.${'b'.repeat(5_000)}.${'c'.repeat(5_000)}`),
    ...HOSTILE_ZIPS.map(zipOf),
    Buffer.from(zipSync({ 'a.lic': Buffer.from('x') })).subarray(0, 40),
    Buffer.from('504b0506000000000000000000000000000000000000', 'hex'),
  ];
  return random.pick(bodies);
}

/** The name `__proto__` is put in afterwards: objects cannot have such a member in the ordinary way. */
const zipOf = (entries: Record<string, Uint8Array>): Buffer =>
  Buffer.from(
    Buffer.from(zipSync(entries)).toString('latin1').replaceAll('XXprotoXX', '__proto__'),
    'latin1',
  );

const HOSTILE_ZIPS: readonly Record<string, Uint8Array>[] = [
  { '../../a.lic': Buffer.from('x') },
  { XXprotoXX: Buffer.from('x'), constructor: Buffer.from('y') },
  { 'folder/': new Uint8Array(), 'folder/a.lic': Buffer.from('eyJ.eyJ.x') },
  { 'bomb.lic': Buffer.alloc(4_000_000) },
  Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${index}.lic`, Buffer.from('x')])),
];
