import * as z from 'zod/mini';
import type { Observability } from '../adapters/observability.ts';
import { sendReport, type SendOutcome, type SendReportDependencies } from '../core/report/send-report.ts';

export interface SendReportHandlerDependencies extends SendReportDependencies {
  readonly observability: Observability;
}

/** What a schedule starts it with. */
const eventSchema = z.object({ customerId: z.string(), email: z.string() });

/**
 * Mails one contact its report; a schedule starts it, sometimes twice. A run that meets another one in the middle of sending
 * fails, so that Lambda looks again later whether that one got to its end.
 */
export const createHandler =
  ({ observability, ...dependencies }: SendReportHandlerDependencies) =>
  async (event: unknown): Promise<{ readonly outcome: SendOutcome }> => {
    const now = Math.floor(Date.now() / 1000);
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) throw new Error('The event names no customer and address');
    const { customerId, email } = parsed.data;
    const outcome = await sendReport(dependencies, customerId, email, now);
    observability.count('Reports', { name: 'outcome', value: outcome }, { customerId });
    if (outcome === 'busy') throw new Error('Another run is sending this report');
    return { outcome };
  };
