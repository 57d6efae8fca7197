import type { Coming } from '../../report/coming.ts';
import type { HealthReport } from '../../report/health-report.ts';
import type { ReportPeriod } from '../../report/report-period.ts';
import { cleanText } from '../clean.ts';
import type { MailBlock, MailRow } from '../document.ts';
import { installationName, listedContracts } from '../voice.ts';
import { moreOf } from './report-blocks.ts';
import type { ReportVoice } from './report-voice.ts';

const MAX_COMING = 50;

/** What changes by contract in the period that has begun. */
export function comingBlock(
  voice: ReportVoice,
  { coming }: HealthReport,
  { nextUntil }: ReportPeriod,
): MailBlock {
  const { title, nothing } = voice.report.coming;
  return {
    title: title(voice.dates.end(nextUntil)),
    paragraphs: coming.length === 0 ? [nothing] : [],
    lists:
      coming.length === 0
        ? []
        : [{ rows: coming.slice(0, MAX_COMING).map((change) => comingRow(voice, change)) }],
    ...moreOf(voice, Math.max(0, coming.length - MAX_COMING), '/installations'),
  };
}

function comingRow(voice: ReportVoice, change: Coming): MailRow {
  const { texts, report, dates } = voice;
  const { kind, at } = change;
  const contract = listedContracts([change.contract]);
  const when =
    kind === 'contract-ends' || kind === 'option-ends'
      ? { label: report.coming.ends, value: dates.end(at) }
      : { label: report.coming.starts, value: dates.start(at) };
  const product = { label: report.product, value: installationName(voice, change) };
  if ('option' in change) {
    const quantity = texts.number(change.quantity);
    return {
      name: cleanText(change.option),
      ids: [{ label: report.coming.contract, value: contract }, product],
      facts: [
        when,
        {
          label: report.coming.quantity,
          value: change.scope === 'every-host' ? report.options.everyHost(quantity) : quantity,
        },
      ],
    };
  }
  const { follows, nothingFollows } = report.coming;
  return {
    name: `${report.coming.contract} ${contract}`,
    ids: [product],
    facts: [
      when,
      ...(kind === 'contract-ends'
        ? [{ label: report.state, value: change.continues ? follows : nothingFollows }]
        : []),
    ],
  };
}
