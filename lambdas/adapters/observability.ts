import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Ids and codes that tell one event from another; never text of a caller. */
export type About = Readonly<Record<string, string | number | boolean>>;

export interface Observability {
  readonly logger: Logger;
  /**
   * Counts one event, or `value` of them, under a metric of the service. What it is about stands in the same line of the log,
   * so that an event which is counted needs no second one.
   */
  readonly count: (
    metric: string,
    dimension: { readonly name: string; readonly value: string },
    about: About,
    value?: number,
  ) => void;
}

/** Structured logs and embedded metrics; service and namespace come from the POWERTOOLS_ variables of the function. */
export function createObservability(): Observability {
  const metrics = new Metrics();
  return {
    logger: new Logger(),
    count(metric, dimension, about, value = 1) {
      metrics.addDimension(dimension.name, dimension.value);
      metrics.addMetric(metric, MetricUnit.Count, value);
      for (const [key, fact] of Object.entries(about)) metrics.addMetadata(key, String(fact));
      metrics.publishStoredMetrics();
    },
  };
}
