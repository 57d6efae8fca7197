import type { Observability } from '../adapters/observability.ts';
import type { RecipientStore } from '../core/alerts/recipient-ports.ts';
import { readMailEvent } from './mail-event.ts';

export interface MailEventsHandlerDependencies {
  readonly recipients: Pick<RecipientStore, 'disable'>;
  readonly observability: Observability;
}

/**
 * What SES tells of e-mails that came back, by way of EventBridge. An address that cannot be reached, or whose owner complained,
 * gets nothing any more; the same event again changes nothing. Logs hold counts and codes, never addresses.
 * @throws {Error} where the event is not one of SES: it ends among the dead letters, where somebody looks at it.
 */
export const createHandler =
  ({ recipients, observability: { logger, count } }: MailEventsHandlerDependencies) =>
  async (event: unknown): Promise<void> => {
    const now = Math.floor(Date.now() / 1000);
    const read = readMailEvent(event);
    if (read.kind === 'malformed') {
      throw new Error(`Not an event of a bounce or a complaint: ${read.faults.join('; ')}`);
    }
    if (read.kind === 'ignored') {
      logger.info('mail-event-ignored', { reason: read.reason });
      return;
    }
    const { addresses, because, code } = read;
    for (const address of addresses) await recipients.disable(address, because, now);
    count('MailDisabled', { name: 'reason', value: because }, { code }, addresses.length);
  };
