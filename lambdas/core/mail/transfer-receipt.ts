import type { Instant } from '../instant.ts';
import type { InstallationKey } from '../installation.ts';
import { cleanAddress, cleanHostText, cleanText } from './clean.ts';
import type { Reader } from './compose-notices.ts';
import { datesFor } from './dates.ts';
import type { MailFact } from './document.ts';
import type { MailContent } from './mail.ts';
import { noticeTextsIn } from './notice-texts/notice-texts-in.ts';
import { noticeContent, type NoticeContext } from './notice-content.ts';
import { textsIn } from './texts/texts-in.ts';
import { hostRow, installationName, portalLink } from './voice.ts';

interface NamedHost {
  readonly id?: string;
  readonly name?: string;
}

/** A declared transfer, as those whom it concerns are told of it. */
export interface TransferReceipt extends InstallationKey {
  readonly customerName: string;
  readonly licenseId: string;
  /** The bound host. @default - the license was never bound */
  readonly from?: NamedHost;
  /** The new host: by its id, or by a name of its own. */
  readonly to: NamedHost;
  /** Whether the new host is licensed by a starter file, and not by the license file of the old one and its own id. */
  readonly byStarterFile: boolean;
  readonly terms: { readonly version: string };
  /** Address of the member who accepted them; absent where the token names none. */
  readonly acceptedBy?: string;
  readonly declaredAt: Instant;
  /** Expiry of the file that the old host has now. @default - it has none */
  readonly oldFileExpiresAt?: Instant;
}

/** The e-mail that confirms a declared transfer: who accepted what, and what to do on which host. */
export function composeTransferReceipt(
  receipt: TransferReceipt,
  { language, timeZone }: Reader,
  { now, portalUrl }: NoticeContext,
): MailContent {
  const { customerId, customerName, licenseId, from, to, byStarterFile, terms, declaredAt } = receipt;
  const texts = textsIn(language);
  const { transfer } = noticeTextsIn(language);
  const { words } = texts;
  const dates = datesFor(language, timeZone);
  const voice = { texts, dates, now, portalUrl };
  const file = receipt.oldFileExpiresAt;
  const acceptance: MailFact[] = [
    ...(receipt.acceptedBy === undefined
      ? []
      : [{ label: transfer.acceptedBy, value: cleanAddress(receipt.acceptedBy) }]),
    { label: transfer.terms, value: cleanText(terms.version) },
    { label: transfer.acceptedAt, value: dates.moment(declaredAt) },
  ];
  return noticeContent(
    { customerId, name: customerName },
    {
      language,
      tone: 'neutral',
      headline: transfer.headline,
      blocks: [
        {
          paragraphs: [
            transfer.what(installationName(voice, receipt)),
            from === undefined ? transfer.neverBound : transfer.oldHost,
            ...(from === undefined || file === undefined || file <= now
              ? []
              : [transfer.overlap(dates.end(file))]),
          ],
          steps: {
            title: words.whatToDo,
            items: transfer.steps({
              byStarterFile,
              byHostId: to.id !== undefined,
              replacesHost: from !== undefined,
              portal: portalUrl !== undefined,
            }),
          },
          lists: [
            {
              rows: [
                {
                  ...hostRow(voice, { licenseId }, []),
                  ids: [],
                  facts: [
                    ...(from ? [{ label: transfer.from, value: hostName(from) }] : []),
                    { label: transfer.to, value: hostName(to) || transfer.unnamed },
                    ...acceptance,
                  ],
                },
              ],
            },
          ],
        },
      ],
      ...(portalUrl === undefined
        ? {}
        : {
            action: portalLink(portalUrl, `/licenses/${encodeURIComponent(licenseId)}`, texts.openPortal),
          }),
      footer: [{ text: `${transfer.why} ${texts.reply}` }],
    },
  );
}

/** `rip-01 (H-1)` */
function hostName({ id, name }: NamedHost): string {
  const cleanName = cleanHostText(name);
  const cleanId = cleanHostText(id);
  return cleanName === '' || cleanId === '' ? cleanName || cleanId : `${cleanName} (${cleanId})`;
}
