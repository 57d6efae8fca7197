import type { Instant } from '../instant.ts';

/** What is known of addresses, whichever customers they belong to. Addresses are in lower case. */
export interface RecipientStore {
  /** Those of the addresses that e-mail must not go to. */
  readDisabled(addresses: readonly string[]): Promise<ReadonlySet<string>>;
  /** Counts an e-mail of a UTC day, unless there were `limit` already. */
  countMail(address: string, day: string, limit: number): Promise<'counted' | 'limit'>;
  /** Nothing goes to the address any more. */
  disable(address: string, because: 'bounce' | 'complaint', at: Instant): Promise<void>;
}
