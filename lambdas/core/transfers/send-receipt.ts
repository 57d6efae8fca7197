import type { Customer } from '../customer.ts';
import type { Instant } from '../instant.ts';
import {
  sendNotice,
  type NoticeDependencies,
  type NoticeReader,
  type NoticeReport,
} from '../mail/send-notice.ts';
import { composeTransferReceipt } from '../mail/transfer-receipt.ts';
import type { DeclaredTransfer } from './declare-transfer.ts';

export interface ReceiptDependencies extends NoticeDependencies {
  readonly customers: { read(customerId: string): Promise<Customer | undefined> };
  readonly settings: { readonly portalUrl?: string };
}

/** Tells the person who accepted the terms and the technical contacts what was declared. Never throws. */
export async function sendReceipt(
  dependencies: ReceiptDependencies,
  { license, installation, record }: DeclaredTransfer,
  now: Instant,
): Promise<NoticeReport> {
  const { customerId, product, licenseId, from, to, terms, by, declaredAt } = record;
  if (!terms) return { sent: [], unreachable: [], faults: [] };
  try {
    const contacts = (await dependencies.customers.read(customerId))?.contacts ?? [];
    const receipt = {
      customerId,
      customerName: installation.customerName,
      product,
      installation: record.installation,
      licenseId,
      ...(from ? { from } : {}),
      to,
      byStarterFile: record.starter !== undefined,
      terms,
      ...(by.email === undefined ? {} : { acceptedBy: by.email }),
      declaredAt,
      ...(license.current ? { oldFileExpiresAt: license.current.expiresAt } : {}),
    };
    const { portalUrl } = dependencies.settings;
    const technical = contacts.filter(({ roles }) => roles.includes('technical'));
    return await sendNotice(
      dependencies,
      [...personOf(by.email, contacts), ...technical],
      (language, timeZone) =>
        composeTransferReceipt(
          receipt,
          { language, timeZone },
          { now, ...(portalUrl === undefined ? {} : { portalUrl }) },
        ),
      { kind: 'transfer', customerId },
    );
  } catch (fault) {
    return { sent: [], unreachable: [], faults: [fault] };
  }
}

/** The acting person, in the words of its contact, or of another contact where it is none itself. */
function personOf(email: string | undefined, contacts: Customer['contacts']): NoticeReader[] {
  if (email === undefined) return [];
  const own = contacts.find((contact) => contact.email.toLowerCase() === email.toLowerCase());
  const { language = 'en', timeZone = 'UTC' } = own ?? contacts[0] ?? {};
  return [{ email, language, timeZone }];
}
