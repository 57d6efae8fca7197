import { access, realpath } from 'node:fs/promises';
import { compactVerify } from 'jose';
import { AgentFault } from '../fault.ts';
import type { GenuineFile, LicenseClaims } from '../license.ts';
import type { Rejection } from '../outcome.ts';
import { parseClaims } from './claims.ts';
import { systemCodeOf } from './fs-error.ts';
import type { KeySet } from './key-set.ts';
import { printable } from './printable.ts';
import { readBounded, UnsuitableFileError } from './read-bounded.ts';

/** As large as the service takes one. */
export const MAX_FILE_BYTES = 16_384;

/** White space around the file that is read over. */
const MAX_SPACE_BYTES = 1024;

const TYPE = 'license+jwt';

/** Why a text is not taken for a genuine license file. */
export type OpeningFault = Extract<
  Rejection,
  'not-a-license' | 'too-large' | 'unknown-key' | 'bad-signature'
>;

/** A text is not a genuine license file. The message is for people and quotes nothing of it but a `kid`. */
export class LicenseFileError extends Error {
  readonly reason: OpeningFault;

  constructor(reason: OpeningFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LicenseFileError';
    this.reason = reason;
  }
}

/** What a file says of itself. Nothing of it is proven: for display only. */
export interface UnverifiedFile {
  readonly verified: false;
  readonly alg: string;
  readonly kid: string;
  readonly claims: LicenseClaims;
}

/**
 * Opens a license file, at most 16 KiB, in exactly the form in which the service issues it. The algorithm is the one pinned to
 * the key; `exp` is not judged here.
 * @throws {LicenseFileError}
 */
export async function openLicenseFile(text: string, keys: KeySet): Promise<GenuineFile> {
  const { compact, alg, kid, payload } = takeApart(text);
  const pinned = keys.get(kid);
  if (pinned === undefined) {
    throw new LicenseFileError(
      'unknown-key',
      `the key ${printable(kid, 64)} that signed it is not in the key set`,
    );
  }
  if (alg !== pinned.alg) {
    throw new LicenseFileError('bad-signature', `its algorithm is not ${pinned.alg}, that of its key`);
  }
  try {
    await compactVerify(compact, pinned.key, { algorithms: [pinned.alg] });
  } catch (cause) {
    throw new LicenseFileError('bad-signature', 'its signature is not that of its key', { cause });
  }
  return { text: compact, kid, claims: claimsOf(payload) };
}

/**
 * What a file says, without checking who says it.
 * @throws {LicenseFileError} `not-a-license`, `too-large`
 */
export function peekClaims(text: string): UnverifiedFile {
  const { alg, kid, payload } = takeApart(text);
  return {
    verified: false,
    alg: printable(alg, 16),
    kid: printable(kid, 64),
    claims: claimsOf(payload),
  };
}

/**
 * Reads and opens the license file at a path.
 * @throws {AgentFault} `file-missing`, `file-unreadable`, `file-damaged`
 */
export async function readLicenseFile(path: string, keys: KeySet): Promise<GenuineFile> {
  const shown = printable(path);
  const text = await readLicenseText(path);
  try {
    return await openLicenseFile(text, keys);
  } catch (cause) {
    if (!(cause instanceof LicenseFileError)) throw cause;
    const advice =
      cause.reason === 'unknown-key'
        ? 'Take the key set that comes with the current version of the product; if the key is missing there too, the file is of another vendor.'
        : await restoringAdvice(path);
    throw new AgentFault('file-damaged', `${shown} is not a genuine license file: ${cause.message}`, advice, {
      cause,
    });
  }
}

/**
 * The text at a path, at most 16 KiB and white space, whatever it says.
 * @throws {AgentFault} `file-missing`, `file-unreadable`, `file-damaged`
 */
export async function readLicenseText(path: string): Promise<string> {
  const shown = printable(path);
  try {
    return (await readBounded(path, MAX_FILE_BYTES + MAX_SPACE_BYTES)).toString('utf8');
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new AgentFault('file-missing', `There is no license file ${shown}`, await restoringAdvice(path), {
        cause,
      });
    }
    if (cause instanceof UnsuitableFileError && cause.why === 'too-large') {
      const message = `${shown} is not a license file: it is larger than 16 KiB`;
      throw new AgentFault('file-damaged', message, await restoringAdvice(path), { cause });
    }
    const [why, advice] =
      code === 'EACCES' || code === 'EPERM'
        ? [
            'this user may not',
            'Give the user that runs the agent the right to read the file and its folder.',
          ]
        : [
            code ?? (cause instanceof Error ? cause.message : 'unknown'),
            'Name a license file, or a folder of them.',
          ];
    throw new AgentFault('file-unreadable', `${shown} cannot be read: ${why}`, advice, { cause });
  }
}

async function restoringAdvice(path: string): Promise<string> {
  const real = await realpath(path).catch(() => path);
  const previous = `${real}.previous`;
  const isKept = await access(previous).then(
    () => true,
    () => false,
  );
  return isKept
    ? `Restore the previous file: copy ${printable(previous)} to ${printable(real)}.`
    : 'Install the license file again as the vendor delivered it; any older file of the license will do.';
}

interface Parts {
  readonly compact: string;
  readonly alg: string;
  readonly kid: string;
  readonly payload: Buffer;
}

/** Checks the form: three canonical base64url segments and a header of exactly `alg`, `kid` and `typ`. */
function takeApart(text: string): Parts {
  const compact = text.trim();
  if (compact.length > MAX_FILE_BYTES) throw new LicenseFileError('too-large', 'it is larger than 16 KiB');
  if (compact === '') throw new LicenseFileError('not-a-license', 'it is empty');
  if (compact.includes('\0')) {
    throw new LicenseFileError('not-a-license', 'it has zero bytes: saved as UTF-16, or damaged on the disk');
  }
  const [headerText, payloadText, signatureText, ...more] = compact.split('.');
  const header = decode(headerText);
  const payload = decode(payloadText);
  if (!header || !payload || !decode(signatureText) || more.length > 0) {
    throw new LicenseFileError('not-a-license', 'it does not consist of three segments in base64url');
  }
  const members = parseJson(header);
  if (typeof members !== 'object' || members === null || Object.keys(members).length !== 3) {
    throw new LicenseFileError('not-a-license', 'its header does not have exactly alg, kid and typ');
  }
  const { alg, kid, typ }: { alg?: unknown; kid?: unknown; typ?: unknown } = members;
  if (typ !== TYPE || typeof alg !== 'string' || typeof kid !== 'string') {
    throw new LicenseFileError('not-a-license', `its header is not that of a ${TYPE}`);
  }
  return { compact, alg, kid, payload };
}

/** Undefined unless it is the canonical base64url of its bytes: one file has one text. */
function decode(segment: string | undefined): Buffer | undefined {
  if (!segment) return undefined;
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.toString('base64url') === segment ? bytes : undefined;
}

function claimsOf(payload: Buffer): LicenseClaims {
  try {
    return parseClaims(parseJson(payload));
  } catch (cause) {
    const why = cause instanceof TypeError ? cause.message : 'unknown';
    throw new LicenseFileError('not-a-license', `its claims are not those of a license: ${why}`, { cause });
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
