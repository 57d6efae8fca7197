import type { Instant } from '../../instant.ts';
import type { Coming } from '../../report/coming.ts';
import type { HealthReport } from '../../report/health-report.ts';
import type { ReportPeriod } from '../../report/report-period.ts';
import { cleanText } from '../clean.ts';
import type { MailBlock, MailRow } from '../document.ts';
import { installationName, listedContracts } from '../voice.ts';
import { moreOf } from './report-blocks.ts';
import type { ReportVoice } from './report-voice.ts';

const MAX_COMING = 25;

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
  const { words } = texts;
  const { kind, at, timeZone } = change;
  const contract = listedContracts([change.contract]);
  const graceUntil = (instant: Instant) => ({ label: words.graceUntil, value: dates.end(instant, timeZone) });
  const when = {
    'contract-starts': () => ({ label: report.coming.starts, value: dates.start(at, timeZone) }),
    'option-starts': () => ({ label: report.coming.starts, value: dates.start(at, timeZone) }),
    'contract-ends': () => ({ label: words.ends, value: dates.end(at, timeZone) }),
    'option-ends': () => ({ label: words.ends, value: dates.end(at, timeZone) }),
    'grace-ends': () => graceUntil(at),
  }[kind]();
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
  const { follows, nothingFollows, hostsStop } = report.coming;
  const { hosts, continues } = change;
  return {
    name: `${report.coming.contract} ${contract}`,
    ids: [product],
    facts: [
      when,
      ...(change.graceUntil === undefined || continues ? [] : [graceUntil(change.graceUntil)]),
      ...(hosts === 0 ? [] : [{ label: words.hosts, value: texts.number(hosts) }]),
      ...(kind === 'contract-starts' || hosts === 0
        ? []
        : [
            {
              label: report.state,
              value: continues ? follows : change.graceUntil === undefined ? hostsStop : nothingFollows,
            },
          ]),
    ],
  };
}
