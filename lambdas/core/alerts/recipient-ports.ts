import type { Instant } from '../instant.ts';

/** What is known of addresses, whichever customers they belong to. Addresses are in lower case. */
export interface RecipientStore {
  /** Those of the addresses that e-mail must not go to. */
  readDisabled(addresses: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether each of the addresses got fewer than `limit` e-mails on this UTC day. */
  haveRoom(addresses: readonly string[], day: string, limit: number): Promise<boolean>;
  /** Counts an e-mail of a UTC day. */
  countMail(address: string, day: string): Promise<void>;
  /** Nothing goes to the address any more. */
  disable(address: string, because: 'bounce' | 'complaint', at: Instant): Promise<void>;
}
