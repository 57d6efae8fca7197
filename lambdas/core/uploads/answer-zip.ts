import { strToU8, zipSync } from 'fflate';
import { csvOf } from '../customer-view/csv.ts';
import { REPORT_CSV, REPORT_JSON } from './entry-name.ts';
import type { UploadOutcome } from './renew-uploads.ts';

/** Zips keep local times of two seconds; a fixed one makes the same answer of the same files. */
const WRITTEN_AT = '2000-01-01T00:00:00';

/** The successors under the names of their predecessors, and a report of what became of each file. */
export function answerZip(outcomes: readonly UploadOutcome[]): Uint8Array {
  const entries = outcomes.flatMap(({ name, file }) =>
    file === undefined ? [] : [[name, strToU8(file)] as const],
  );
  return zipSync(
    {
      ...Object.fromEntries(entries),
      [REPORT_JSON]: strToU8(JSON.stringify(reportOf(outcomes), undefined, 2)),
      [REPORT_CSV]: strToU8(reportCsv(outcomes)),
    },
    { level: 6, mtime: WRITTEN_AT },
  );
}

function reportOf(outcomes: readonly UploadOutcome[]) {
  const count = (wanted: UploadOutcome['outcome']) =>
    outcomes.filter(({ outcome }) => outcome === wanted).length;
  return {
    renewed: count('renewed'),
    refused: count('refused'),
    notProcessed: count('not-processed'),
    files: outcomes.map(({ file, ...outcome }) => outcome),
  };
}

const reportCsv = (outcomes: readonly UploadOutcome[]): string =>
  csvOf([
    ['name', 'outcome', 'code', 'licenseId', 'expiresAt', 'detail'],
    ...outcomes.map(({ name, outcome, code, licenseId, expiresAt, detail }) => [
      name,
      outcome,
      code,
      licenseId,
      expiresAt,
      detail,
    ]),
  ]);
