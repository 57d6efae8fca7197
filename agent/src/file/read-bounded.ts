import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** What is at a path is no file, or a larger one than was asked for. */
export class UnsuitableFileError extends Error {
  readonly why: 'too-large' | 'not-a-file';

  constructor(why: 'too-large' | 'not-a-file') {
    super(why === 'too-large' ? 'it is too large' : 'it is not a regular file');
    this.name = 'UnsuitableFileError';
    this.why = why;
  }
}

/**
 * Reads a regular file of at most `limit` bytes. A pipe or a device is not waited for, and a file that grows is not followed.
 * @throws {UnsuitableFileError} and the errors of the file system
 */
export async function readBounded(path: string, limit: number): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new UnsuitableFileError('not-a-file');
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > limit) throw new UnsuitableFileError('too-large');
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
