import type { BodyFault } from '../../lambdas/core/problem.ts';
import type { VendorAnswer } from '../../local/vendor-client.ts';

/** Status, code and paths of the faults of an answer: all that a program decides on. */
export function outcomeOf({ status, body }: VendorAnswer): string {
  const { code, faults } = body as { code?: string; faults?: readonly BodyFault[] };
  return [status, code, ...(faults ?? []).map(({ path }) => path)]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** The body of an answer that is read member by member. */
export const membersOf = ({ body }: VendorAnswer): Record<string, unknown> => body as Record<string, unknown>;
