import type { Context } from 'aws-lambda';
import { runScan, type ScanDependencies, type ScanReport } from '../core/alerts/run-scan.ts';
import { SilenceSample } from '../core/alerts/silence-sample.ts';
import type { Observability } from './observability.ts';

/** Time that is left for the last page, the checkpoint and the log before Lambda ends the function. */
const RESERVE_MS = 60_000;

/** Clocks of two runs may differ by this much. */
const LEASE_MARGIN_SECONDS = 30;

/** What a run is started with; a schedule sends nothing that matters. */
interface ScanEvent {
  /** Answers what would be sent; writes and sends nothing. */
  readonly dryRun?: unknown;
}

export interface ScanHandlerDependencies<Item> {
  readonly observability: Observability;
  /** The scan, with the sample that this run feeds. */
  readonly scanWith: (sample: SilenceSample) => Omit<ScanDependencies<Item>, 'sample' | 'onFault'>;
}

/**
 * One run of a scan. EventBridge Scheduler starts it, sometimes twice, and Lambda starts it again after a fault: the lease
 * and what is stored of each episode make the repetition say nothing twice. Faults of single items are logged on the way, and
 * the run fails at its end.
 */
export const createScanHandler =
  <Item>({ observability, scanWith }: ScanHandlerDependencies<Item>) =>
  async (event: ScanEvent | undefined, context: Context): Promise<ScanReport> => {
    const { logger, count } = observability;
    const now = Math.floor(Date.now() / 1000);
    const sample = new SilenceSample();
    const scan = scanWith(sample);
    const report = await runScan(
      {
        ...scan,
        sample,
        onFault: (fault, about) => logger.error('scan-fault', { ...about, ...faultOf(fault) }),
      },
      {
        now,
        leaseUntil: now + Math.ceil(context.getRemainingTimeInMillis() / 1000) + LEASE_MARGIN_SECONDS,
        hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
        dryRun: event?.dryRun === true,
      },
    );
    const { wouldSend, ...counts } = report;
    const dimension = { name: 'scan', value: report.scan };
    count('ScannedItems', dimension, { ...counts }, report.read);
    if (report.mails > 0) count('AlertMails', dimension, {}, report.mails);
    if (report.outcome === 'held-back') count('AlertsHeldBack', dimension, {});
    if (report.faults > 0)
      throw new Error(`${report.scan} ended with ${report.faults} faults; see scan-fault`);
    return report;
  };

/** SDK messages can repeat values of a request, so only the names of their errors are kept. */
const faultOf = (fault: unknown): Record<string, string | undefined> =>
  fault instanceof Error
    ? {
        fault: fault.name,
        ...('$metadata' in fault ? {} : { reason: fault.message }),
        stack: fault.stack?.split('\n').slice(1, 6).join('\n'),
      }
    : { fault: typeof fault };
