/** A rule of EventBridge: events that match its pattern start functions. */
export interface EventRule {
  /** Name of the bus that it listens to. */
  readonly bus: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly functionNames: readonly string[];
}

/**
 * Whether an event matches a pattern: at every leaf of the pattern there is a list, and the event has one of its values
 * there. Of the content filters only `prefix` is known; another one matches nothing.
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) {
    const values: unknown[] = Array.isArray(event) ? event : [event];
    return pattern.some((wanted) => values.some((value) => isWanted(wanted, value)));
  }
  if (!isMembers(pattern) || !isMembers(event)) return false;
  return Object.entries(pattern).every(([name, part]) => matchesPattern(part, event[name]));
}

function isWanted(wanted: unknown, value: unknown): boolean {
  if (!isMembers(wanted)) return wanted === value;
  const { prefix } = wanted;
  return typeof prefix === 'string' && typeof value === 'string' && value.startsWith(prefix);
}

const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
