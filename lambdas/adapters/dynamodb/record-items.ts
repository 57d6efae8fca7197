import { claimsOf } from '../../core/license-file.ts';
import { retentionEnd, type IssueRecord } from '../../core/renewal-record.ts';
import { fromItem, toItem, type Item } from './client.ts';

const ISSUE_PREFIX = 'issue#';

/** Sort keys of one license: issues in the order of their sequence numbers, then the counted refusals. */
export const issueKey = (seq: number): string => `${ISSUE_PREFIX}${String(seq).padStart(12, '0')}`;

/** The first sort key behind every issue. */
export const BEHIND_ISSUES = 'issue$';

type ReadableRecord = Omit<IssueRecord, 'claims' | 'caller'> & { readonly record: string };

export function recordToItem({ claims, caller, ...record }: IssueRecord, retentionDays: number): Item {
  return toItem({
    ...record,
    record: issueKey(record.seq),
    ...caller,
    expiresOn: retentionEnd(Math.max(claims.iat, claims.exp), retentionDays),
  });
}

export function recordFromItem(item: Item): IssueRecord {
  const { record: sortKey, ...stored } = fromItem<ReadableRecord>(item);
  return { ...stored, claims: claimsOf(stored.payload) };
}
