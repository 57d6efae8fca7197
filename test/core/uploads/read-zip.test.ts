import { deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../lambdas/core/problem.ts';
import { answerZip } from '../../../lambdas/core/uploads/answer-zip.ts';
import { isSafeName } from '../../../lambdas/core/uploads/entry-name.ts';
import { isZip, MAX_FILE_BYTES, readZip } from '../../../lambdas/core/uploads/read-zip.ts';

interface Entry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly compression?: number;
  /** What the directory says instead of the truth. */
  readonly originalSize?: number;
  /** Share the data of the first entry. */
  readonly overlaps?: boolean;
}

/** A zip byte by byte, so that it can lie. */
function aZip(entries: readonly Entry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, compression = 8, originalSize = content.length, overlaps = false } of entries) {
    const data = compression === 8 ? deflateRawSync(content) : Buffer.from(content);
    const encoded = Buffer.from(name);
    const sizes = Buffer.alloc(30);
    sizes.writeUInt32LE(0x04034b50, 0);
    sizes.writeUInt16LE(compression, 8);
    sizes.writeUInt32LE(data.length, 18);
    sizes.writeUInt32LE(originalSize, 22);
    sizes.writeUInt16LE(encoded.length, 26);
    const local = Buffer.concat([sizes, encoded, data]);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(0x0800, 8);
    central.writeUInt16LE(compression, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(originalSize, 24);
    central.writeUInt16LE(encoded.length, 28);
    central.writeUInt32LE(overlaps ? 0 : offset, 42);
    directory.push(Buffer.concat([central, encoded]));
    if (overlaps) continue;
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

const never = () => false;
const entry = (name: string, text = 'x'): Entry => ({ name, content: Buffer.from(text) });
const faultOf = (name: string) => readZip(aZip([entry(name)]), never);
const problemOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
  return undefined;
};

describe('readZip', () => {
  it('reads files in their order, in folders, compressed or not', () => {
    const zip = aZip([
      entry('b.lic', ' two \r\n'),
      { ...entry('hall 1/ä.lic', 'one'), compression: 0 },
      entry('hall 1/'),
    ]);
    expect(readZip(zip, never)).toEqual([
      { name: 'b.lic', text: 'two' },
      { name: 'hall 1/ä.lic', text: 'one' },
    ]);
  });

  it.each([
    '../a.lic',
    'a/../../b.lic',
    '/etc/passwd',
    'C:\\a.lic',
    'a\\b.lic',
    'C:a.lic',
    'a//b.lic',
    './a.lic',
    'a\u0000.lic',
    'a\u202ecil.exe',
    'a\nb.lic',
    'nul',
    'COM1.lic',
    'hall/aux.lic',
    'a.lic.',
    'a.lic ',
    '__proto__',
    'report.json',
    'REPORT.CSV',
    'x'.repeat(201),
    '',
  ])('does not take the name %j', (name) => {
    expect(faultOf(name)).toEqual([{ name, fault: 'name-invalid' }]);
  });

  it.each(['constructor', 'toString', 'a.b.c.lic', 'Ω.lic', 'a b.lic', 'hall/report.json'])(
    'takes the name %j',
    (name) => {
      expect(faultOf(name)).toEqual([{ name, text: 'x' }]);
    },
  );

  it('takes the first of two names that are one on some system', () => {
    const zip = aZip([entry('ä.lic', 'one'), entry('Ä.LIC', 'two'), entry('a\u0308.lic', 'three')]);
    expect(readZip(zip, never)).toEqual([
      { name: 'ä.lic', text: 'one' },
      { name: 'Ä.LIC', fault: 'name-twice' },
      { name: 'a\u0308.lic', fault: 'name-twice' },
    ]);
  });

  it('does not unpack what says that it is too large, stored or deflated', () => {
    const large = Buffer.alloc(MAX_FILE_BYTES + 1, 'x');
    const zip = aZip([
      { name: 'deflated', content: large },
      { name: 'stored', content: large, compression: 0 },
      { name: 'stored-and-lying', content: large, compression: 0, originalSize: 1 },
      { name: 'just-right', content: Buffer.alloc(MAX_FILE_BYTES, 'x') },
    ]);
    const [deflated, stored, lying, right] = readZip(zip, never);
    for (const file of [deflated, stored, lying]) expect(file).toHaveProperty('fault', 'file-too-large');
    expect(right).toHaveProperty('text', 'x'.repeat(MAX_FILE_BYTES));
  });

  it('cuts what unpacks to more than it says', () => {
    const bomb = { name: 'bomb', content: Buffer.alloc(10_000_000, 'x'), originalSize: 10 };
    expect(readZip(aZip([bomb]), never)).toEqual([{ name: 'bomb', text: 'x'.repeat(10) }]);
  });

  it('stops in the middle of a zip that takes too long', () => {
    let asked = 0;
    const zip = aZip([entry('a'), entry('b'), entry('c')]);
    expect(problemOf(() => readZip(zip, () => (asked += 1) > 2))).toBe('upload-invalid');
    expect(asked).toBe(3);
  });

  it('unpacks 500 entries that share the data of one bomb within the memory of their sizes', () => {
    const bomb = { name: '0', content: Buffer.alloc(1_000_000, 'x'), originalSize: MAX_FILE_BYTES };
    const others = Array.from({ length: 499 }, (_, index) => ({
      ...bomb,
      name: `${index + 1}`,
      overlaps: true,
    }));
    const files = readZip(aZip([bomb, ...others]), never);
    expect(files).toHaveLength(500);
    expect(files.every((file) => 'text' in file && file.text.length <= MAX_FILE_BYTES)).toBe(true);
  });

  it('does not take compressions that it does not know', () => {
    expect(readZip(aZip([{ ...entry('a'), compression: 12 }, entry('b')]), never)).toEqual([
      { name: 'a', fault: 'compression-unknown' },
      { name: 'b', text: 'x' },
    ]);
  });

  it('takes 500 files and no more, whatever is wrong with them, and 2,000 entries in all', () => {
    const named = (count: number, ending = '') =>
      Array.from({ length: count }, (_, index) => entry(`${index}${ending}`));
    expect(readZip(aZip([...named(500), ...named(500, '/')]), never)).toHaveLength(500);
    expect(problemOf(() => readZip(aZip(named(501)), never))).toBe('upload-invalid');
    expect(problemOf(() => readZip(aZip(named(2001, '/')), never))).toBe('upload-invalid');
  });

  it('refuses bytes that are no zip, cut or changed ones, without any other error', () => {
    const zip = zipSync({ 'a.lic': Buffer.from('x'.repeat(300)), 'b.lic': Buffer.from('y') });
    for (let length = 0; length < zip.length; length += 1) {
      expect(problemOf(() => readZip(zip.subarray(0, length), never))).toBe('upload-invalid');
    }
    for (let position = 0; position < zip.length; position += 1) {
      for (const value of [0, 0xff, (zip[position] ?? 0) ^ 1]) {
        const problem = problemOf(() => readZip(zip.with(position, value), never));
        expect([undefined, 'upload-invalid']).toContain(problem);
      }
    }
  });

  it('ends on a directory that says it has billions of entries', () => {
    const zip64 = Buffer.alloc(56 + 20 + 22);
    zip64.writeUInt32LE(0x06064b50, 0);
    zip64.writeUInt32LE(0xffffffff, 32);
    zip64.writeUInt32LE(0x07064b50, 56);
    zip64.writeUInt32LE(0x06054b50, 76);
    zip64.writeUInt16LE(0xffff, 84);
    expect(problemOf(() => readZip(zip64, never))).toBe('upload-invalid');
  });
});

describe('isZip', () => {
  it('knows a zip by its first bytes', () => {
    expect(isZip(zipSync({}))).toBe(true);
    expect(isZip(zipSync({ a: Buffer.from('x') }))).toBe(true);
    expect(isZip(Buffer.from('PK'))).toBe(false);
    expect(isZip(Buffer.from('eyJhbGciOiJFUzI1NiJ9.e30.AA'))).toBe(false);
  });
});

describe('answerZip', () => {
  it('can be read by whatever reads uploads, and names nothing that is not safe', () => {
    const zip = answerZip([
      { name: 'hall 1/a.lic', outcome: 'renewed', file: 'one' },
      { name: '../a.lic', outcome: 'refused', code: 'name-invalid' },
    ]);
    expect(readZip(zip, never)).toMatchObject([
      { name: 'hall 1/a.lic', text: 'one' },
      { name: 'report.json' },
      { name: 'report.csv' },
    ]);
    expect(isSafeName('hall 1/a.lic')).toBe(true);
  });
});
