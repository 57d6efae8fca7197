import type { TimelineItem } from '../api/license-views.ts';
import { cursorInvalid, cursorOf, cursorParts, type Page } from '../api/paging.ts';
import { DAY, isoOf, type Instant } from '../instant.ts';
import type { License } from '../license.ts';
import type { CustomerViewStore, FileRecord, RefusalCount } from './view-store.ts';

/** Sort keys of counted refusals; a cursor that holds anything else was not made here. */
const REFUSAL_KEY = /^refusal#\d{4}-\d{2}-\d{2}#[a-z-]{1,64}#(?:bound|other)$/;

/** Where a page goes on: below this sequence number, and behind this refusal. */
interface Position {
  readonly seq: number;
  readonly refusal?: string | undefined;
}

/**
 * What a license did, newest first: two lists of records, merged. Refusals are counted by UTC day, so those of a day stand
 * before its files. Two queries per page, each of one item more than is shown. A record above the current file was never
 * delivered, and is left out.
 */
export async function licenseTimeline(
  store: Pick<CustomerViewStore, 'filesBefore' | 'refusalsBefore'>,
  { licenseId, seq }: Pick<License, 'licenseId' | 'seq'>,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<TimelineItem>> {
  const start: Position = after === undefined ? { seq: seq + 1 } : positionOf(after, seq + 1);
  const [files, refusals] = await Promise.all([
    // One more tells whether there is a next page, and what the last file shown followed.
    store.filesBefore(licenseId, start.seq, limit + 1),
    store.refusalsBefore(licenseId, start.refusal, limit + 1),
  ]);
  const items: TimelineItem[] = [];
  let position = start;
  let fileIndex = 0;
  let refusalIndex = 0;
  while (items.length < limit) {
    const file = files[fileIndex];
    const refusal = refusals[refusalIndex];
    if (refusal && (!file || endOfDay(refusal.day) > file.claims.iat)) {
      items.push(refusalItem(refusal));
      position = { ...position, refusal: refusal.record };
      refusalIndex += 1;
    } else if (file) {
      items.push(fileItem(file, files[fileIndex + 1]));
      position = { ...position, seq: file.claims.seq };
      fileIndex += 1;
    } else {
      break;
    }
  }
  const isLast = fileIndex === files.length && refusalIndex === refusals.length;
  return {
    items,
    ...(isLast ? {} : { next: cursorOf([position.seq, position.refusal ?? null]) }),
  };
}

/** @param behind the highest sequence number to go on below, whatever a caller makes of a cursor */
function positionOf(after: string, behind: number): Position {
  const [number, refusal = null] = cursorParts(after, 2);
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) throw cursorInvalid();
  const seq = Math.min(number, behind);
  if (refusal === null) return { seq };
  if (typeof refusal !== 'string' || !REFUSAL_KEY.test(refusal)) throw cursorInvalid();
  return { seq, refusal };
}

const endOfDay = (day: string): Instant => Date.parse(`${day}T00:00:00Z`) / 1000 + DAY;

const refusalItem = ({ day, code, by, count }: RefusalCount): TimelineItem => ({
  kind: 'refusal',
  day,
  code,
  by,
  count,
});

/** @param previous the record before it, which need not be the file that was presented: that one may be older. */
function fileItem({ outcome, claims }: FileRecord, previous: FileRecord | undefined): TimelineItem {
  const { iat, exp, seq } = claims;
  return {
    kind: 'file',
    at: isoOf(iat),
    outcome,
    seq,
    expiresAt: isoOf(exp),
    ...(previous ? slippage(iat, previous) : {}),
  };
}

/** How late a file came after the one before it. A starter waits for its host as long as it takes. */
function slippage(at: Instant, { claims: { iat, exp, renewal }, outcome }: FileRecord) {
  if (outcome === 'starter') return {};
  const seconds = Math.max(0, at - iat);
  return {
    secondsSincePrevious: seconds,
    lateSeconds: Math.max(0, seconds - renewal.everySeconds),
    gapSeconds: Math.max(0, at - exp),
  };
}
