import type { ReportedHost } from '../../report/health-report.ts';
import { cleanHostText, cleanText } from '../clean.ts';
import type { MailFact, MailRow } from '../document.ts';
import { portalLink, type Voice } from '../voice.ts';
import type { ReportTexts } from './texts/report-texts.ts';

/** How the report speaks to one reader. */
export interface ReportVoice extends Voice {
  readonly report: ReportTexts;
}

/** A host as the reader knows it. */
export function hostRow(
  { texts: { words }, portalUrl }: ReportVoice,
  { licenseId, host }: ReportedHost,
  facts: readonly MailFact[],
): MailRow {
  const id = cleanText(licenseId);
  const hostName = cleanHostText(host?.name);
  const hostId = cleanHostText(host?.id);
  return {
    name: hostName || hostId || id,
    ...(portalUrl === undefined
      ? {}
      : { url: portalLink(portalUrl, `/licenses/${encodeURIComponent(id)}`, id).url }),
    ids: [
      ...(hostName !== '' && hostId !== '' ? [{ label: words.hostId, value: hostId }] : []),
      { label: words.license, value: id },
    ],
    facts,
  };
}

/** What happened, as alerts and this report call it; a code that is not known stands for itself. */
export function reasonOf({ texts, report }: ReportVoice, code: string): string {
  const { reasons } = texts.failed;
  const { callerReasons } = report.renewals;
  if (hasCode(reasons, code)) return reasons[code].reason;
  return hasCode(callerReasons, code) ? callerReasons[code] : cleanText(code);
}

const hasCode = <Codes extends object>(codes: Codes, code: string): code is string & keyof Codes =>
  Object.hasOwn(codes, code);
