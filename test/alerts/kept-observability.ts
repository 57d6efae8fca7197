import { Logger } from '@aws-lambda-powertools/logger';
import type { Observability } from '../../lambdas/adapters/observability.ts';

/** What a function logs and counts, kept instead of written. */
export class KeptObservability implements Observability {
  readonly logger = new Logger({ logLevel: 'SILENT' });
  readonly lines: string[] = [];

  constructor() {
    for (const level of ['info', 'warn', 'error'] as const) {
      this.logger[level] = (...line: unknown[]) => void this.lines.push(JSON.stringify([level, ...line]));
    }
  }

  readonly count: Observability['count'] = (metric, dimension, about, value = 1) => {
    this.lines.push(JSON.stringify([metric, dimension.name, dimension.value, value, about]));
  };
}
