import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

export interface Observability {
  readonly logger: Logger;
  /** Counts one event under a metric of the service, optionally by a low-cardinality dimension. */
  readonly count: (metric: string, dimension?: { readonly name: string; readonly value: string }) => void;
}

/** Structured logs and embedded metrics; service and namespace come from the POWERTOOLS_ variables of the function. */
export function createObservability(): Observability {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    logger,
    count(metric, dimension) {
      const single = metrics.singleMetric();
      if (dimension) single.addDimension(dimension.name, dimension.value);
      single.addMetric(metric, MetricUnit.Count, 1);
    },
  };
}
