import { unzipSync } from 'fflate';
import { Problem } from '../problem.ts';
import { isSafeName, REPORT_NAMES } from './entry-name.ts';

/** Largest license file taken, in bytes. */
export const MAX_FILE_BYTES = 16 * 1024;

/** License files in one zip. */
const MAX_FILES = 500;

/** Everything in one zip, folders and what programs add by themselves included. */
const MAX_ENTRIES = 2_000;

/** How an entry can be compressed: not at all, or by deflate. */
const COMPRESSIONS = new Set([0, 8]);

/** A file in an upload, or why it cannot be read. */
export type UploadedFile =
  { readonly name: string; readonly text: string } | { readonly name: string; readonly fault: EntryFault };

export type EntryFault = 'name-invalid' | 'name-twice' | 'file-too-large' | 'compression-unknown';

/** Whether these bytes want to be a zip: a first entry, or the end of an empty one. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 &&
  bytes[1] === 0x4b &&
  ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));

/**
 * The files in a zip, in its order. Sizes are judged before anything is unpacked, and what an entry unpacks to never exceeds
 * what it says. An entry that lies about it is cut and then no license file any more.
 * @param isTimeUp asked before each entry: what unpacks for seconds was made for that
 * @throws {Problem} `upload-invalid`
 */
export function readZip(bytes: Uint8Array, isTimeUp: () => boolean): UploadedFile[] {
  const files: { name: string; fault?: EntryFault }[] = [];
  const names = new Set<string>();
  let entries = 0;
  const judge = (name: string, size: number, originalSize: number, compression: number) => {
    if (!isSafeName(name) || REPORT_NAMES.has(name.toLowerCase())) return 'name-invalid';
    // Unpacked on Windows or macOS, both would be one file.
    const folded = name.normalize('NFC').toLowerCase();
    if (names.has(folded)) return 'name-twice';
    names.add(folded);
    if (size > MAX_FILE_BYTES || originalSize > MAX_FILE_BYTES) return 'file-too-large';
    return COMPRESSIONS.has(compression) ? undefined : 'compression-unknown';
  };
  const unpacked = unzipped(bytes, ({ name, size, originalSize, compression }) => {
    entries += 1;
    if (entries > MAX_ENTRIES) throw tooMany();
    if (isTimeUp()) throw new Problem('upload-invalid', { detail: 'The zip takes too long to unpack.' });
    if (isFurniture(name)) return false;
    if (files.length === MAX_FILES) throw tooMany();
    const fault = judge(name, size, originalSize, compression);
    files.push(fault === undefined ? { name } : { name, fault });
    return fault === undefined;
  });
  return files.map(({ name, fault }) =>
    fault === undefined ? { name, text: textOf(unpacked.get(name)) } : { name, fault },
  );
}

function unzipped(
  bytes: Uint8Array,
  filter: NonNullable<NonNullable<Parameters<typeof unzipSync>[1]>['filter']>,
): ReadonlyMap<string, Uint8Array> {
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter })));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('upload-invalid', {
      detail: 'The zip is damaged or encrypted. Make it again.',
      cause: error,
    });
  }
}

const tooMany = (): Problem =>
  new Problem('upload-invalid', {
    detail: `A zip may hold ${MAX_FILES} license files. Send the rest in another one.`,
  });

/** Folders, and what macOS and file managers add by themselves. */
const isFurniture = (name: string): boolean =>
  name.endsWith('/') || name.startsWith('__MACOSX/') || /(?:^|\/)\.[^/]*$/.test(name);

/** License files are ASCII; anything else stays what it is, and is no license file. */
const textOf = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? [])
    .toString('latin1')
    .trim();
