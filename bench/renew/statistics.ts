/** Lower quartile, median, upper quartile. */
export type Quartiles = readonly [number, number, number];

export const quartiles = (values: readonly number[]): Quartiles => [
  quantile(values, 0.25),
  quantile(values, 0.5),
  quantile(values, 0.75),
];

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Between two values, the point on the line from one to the other. */
function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? 0;
  return below + (above - below) * (position - Math.floor(position));
}
