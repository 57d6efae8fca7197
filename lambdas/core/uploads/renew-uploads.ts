import { inPieces } from '../alerts/in-pieces.ts';
import { isoOf, type Instant } from '../instant.ts';
import type { KeyRing } from '../jws.ts';
import { readLicenseFile, type GenuineFile } from '../license-file.ts';
import { Problem, problems, type ProblemCode } from '../problem.ts';
import { renewLicense, type RenewalDependencies, type RenewalResult } from '../renew-license.ts';
import { MAX_FILE_BYTES, type EntryFault, type UploadedFile } from './read-zip.ts';

/** Licenses that are renewed at a time. KMS signs a few hundred a second for all customers together. */
const LICENSES_AT_ONCE = 8;

/** Successors in one answer, so that it fits what Lambda answers in base64. */
const MAX_ANSWER_BYTES = 3 * 1024 * 1024;

/** Who uploads: files of other customers are none of theirs. */
export interface Uploader {
  readonly customerId: string;
  /** From the request context of the gateway. */
  readonly sourceIp: string;
}

/** What became of one file of an upload. */
export interface UploadOutcome {
  readonly name: string;
  readonly outcome: 'renewed' | 'refused' | 'not-processed';
  /** Why it was refused. */
  readonly code?: ProblemCode | EntryFault;
  readonly detail?: string;
  readonly licenseId?: string;
  readonly expiresAt?: string;
  /** The successor. */
  readonly file?: string;
}

/**
 * A file that is ours and this customer's.
 * @throws {Problem} `file-malformed`, `file-not-genuine`; the latter for a file of another customer, too
 */
export function ownFile(
  text: string,
  keys: KeyRing,
  { customerId }: Pick<Uploader, 'customerId'>,
): GenuineFile {
  if (text === '') throw new Problem('body-empty');
  const read = readLicenseFile(text, keys);
  if (read.kind === 'malformed') throw new Problem('file-malformed');
  if (read.kind !== 'genuine' || read.file.claims.customer.id !== customerId) {
    throw new Problem('file-not-genuine');
  }
  return read.file;
}

export interface UploadDependencies extends RenewalDependencies {
  /** Told of every renewal that was tried. */
  readonly onResult: (licenseId: string, result: RenewalResult) => void;
  readonly onFault: (licenseId: string, fault: unknown) => void;
}

/**
 * Renews many files, each by the way that a host's own renewal takes. Files of one license go one after the other, so that
 * copies of a file get the same successor. What there is no time for, or no room in the answer, is not touched and can be sent
 * again; so can everything else.
 */
export async function renewUploads(
  dependencies: UploadDependencies,
  uploads: readonly UploadedFile[],
  keys: KeyRing,
  uploader: Uploader,
  now: Instant,
  isTimeUp: () => boolean,
): Promise<UploadOutcome[]> {
  const outcomes = new Map<UploadedFile, UploadOutcome>();
  const byLicense = new Map<string, { upload: UploadedFile; file: GenuineFile }[]>();
  for (const upload of uploads) {
    const own = judged(upload, keys, uploader);
    if ('outcome' in own) {
      outcomes.set(upload, own);
    } else {
      const { sub } = own.claims;
      byLicense.set(sub, [...(byLicense.get(sub) ?? []), { upload, file: own }]);
    }
  }
  let bytes = 0;
  const hasRoom = () => bytes + LICENSES_AT_ONCE * MAX_FILE_BYTES <= MAX_ANSWER_BYTES;
  await inPieces([...byLicense.values()], LICENSES_AT_ONCE, async (files) => {
    for (const { upload, file } of files) {
      if (isTimeUp() || !hasRoom()) {
        outcomes.set(upload, { name: upload.name, outcome: 'not-processed' });
        continue;
      }
      const outcome = await renewOne(dependencies, upload.name, file, uploader, now);
      bytes += outcome.file?.length ?? 0;
      outcomes.set(upload, outcome);
    }
  });
  return uploads.flatMap((upload) => outcomes.get(upload) ?? []);
}

function judged(upload: UploadedFile, keys: KeyRing, uploader: Uploader): GenuineFile | UploadOutcome {
  const { name } = upload;
  if ('fault' in upload) {
    return { name, outcome: 'refused', code: upload.fault, detail: FAULTS[upload.fault] };
  }
  try {
    return ownFile(upload.text, keys, uploader);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { name, outcome: 'refused', code: error.code, detail: error.detail };
  }
}

const FAULTS: Record<EntryFault, string> = {
  'name-invalid':
    'The name could not be unpacked safely on every system, or is one that the answer uses itself. Rename the file.',
  'name-twice': 'The zip has another file of this name. Rename one of them.',
  'file-too-large': 'A license file has at most 16 KiB.',
  'compression-unknown': 'Make the zip with the usual compression, deflate.',
};

/** A fault ends the renewal of one file, not of all. */
async function renewOne(
  dependencies: UploadDependencies,
  name: string,
  file: GenuineFile,
  { sourceIp }: Uploader,
  now: Instant,
): Promise<UploadOutcome> {
  const licenseId = file.claims.sub;
  try {
    const result = await renewLicense(dependencies, { file, sourceIp, now });
    dependencies.onResult(licenseId, result);
    if (result.kind === 'refused') {
      const { code, detail = problems[code].detail } = result;
      return { name, outcome: 'refused', licenseId, code, detail };
    }
    return {
      name,
      outcome: 'renewed',
      licenseId,
      expiresAt: isoOf(result.claims.exp),
      file: result.file,
    };
  } catch (fault) {
    dependencies.onFault(licenseId, fault);
    const { detail } = problems.unavailable;
    return { name, outcome: 'not-processed', licenseId, code: 'unavailable', detail };
  }
}
