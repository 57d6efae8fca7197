import { cleanText } from '../clean.ts';
import type { Voice } from '../voice.ts';
import type { ReportTexts } from './texts/report-texts.ts';

/** How the report speaks to one reader. */
export interface ReportVoice extends Voice {
  readonly report: ReportTexts;
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
