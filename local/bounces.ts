import type { State } from './data-folder.ts';

/** What SES hears of an address: the mail could not be delivered, or its owner called it spam. */
type Trouble = 'bounce' | 'complaint';

export interface TroubledAddress {
  /** In lower case. */
  readonly address: string;
  readonly kind: Trouble;
}

const PREFIX = 'bounces/';

/** SES's mailbox simulator. */
const SIMULATOR: readonly TroubledAddress[] = [
  { address: 'bounce@simulator.amazonses.com', kind: 'bounce' },
  { address: 'complaint@simulator.amazonses.com', kind: 'complaint' },
];

/** Addresses that refuse e-mail here, besides those of SES's simulator. They outlive the run. */
export interface Bounces {
  add(address: string, kind?: Trouble): Promise<void>;
  /** Takes an address off the list; false where it is not on it. */
  remove(address: string): Promise<boolean>;
  list(): TroubledAddress[];
  /** What e-mail to this recipient, `Ops <ops@acme.example>` or bare, comes to. */
  troubleOf(recipient: string): TroubledAddress | undefined;
}

export async function openBounces(state: State): Promise<Bounces> {
  // Only this file writes under the prefix.
  const stored = (await state.list(PREFIX)) as TroubledAddress[];
  const troubled = new Map(stored.map((item) => [item.address, item]));
  return {
    async add(given, kind = 'bounce') {
      const address = addressIn(given);
      await state.put(PREFIX + address, { address, kind });
      troubled.set(address, { address, kind });
    },
    async remove(given) {
      const address = addressIn(given);
      await state.delete(PREFIX + address);
      return troubled.delete(address);
    },
    list: () => [...troubled.values()],
    troubleOf: (recipient) => {
      const address = addressIn(recipient);
      return troubled.get(address) ?? SIMULATOR.find((item) => item.address === address);
    },
  };
}

export const addressIn = (recipient: string): string =>
  (/<([^<>]*)>\s*$/.exec(recipient)?.[1] ?? recipient).trim().toLowerCase();
