import { printable } from './file/printable.ts';
import type { AttemptState } from './loop/attempt-state.ts';
import type { KnownClaims, KnownFile } from './loop/last-verified.ts';
import { writeAtomically } from './loop/write-atomically.ts';

/** What is known of one license file. */
export interface MeasuredFile {
  readonly path: string;
  /** Absent where it cannot be read; then what was last verified of it counts, and without that its labels are empty. */
  readonly file?: KnownFile;
  readonly state: AttemptState;
}

interface Gauge {
  readonly name: string;
  readonly help: string;
  /** Absent where it is not known: then there is no sample. */
  readonly valueOf: (measured: MeasuredFile) => number | undefined;
}

const claimsOf = ({ file, state }: MeasuredFile): KnownClaims | undefined =>
  file?.claims ?? state.lastVerified;

const GAUGES: readonly Gauge[] = [
  {
    name: 'license_expires_timestamp_seconds',
    help: 'When the license file expires.',
    valueOf: (measured) => claimsOf(measured)?.exp,
  },
  {
    name: 'license_last_renewal_timestamp_seconds',
    help: 'When the service last delivered a license file.',
    valueOf: ({ state }) => state.lastRenewedAt,
  },
  {
    name: 'license_failing',
    help: 'Whether the last attempt to renew failed (1) or not (0).',
    valueOf: ({ state }) => (state.failingSince === undefined ? 0 : 1),
  },
  {
    name: 'license_failures_in_row',
    help: 'Failed attempts since the last success.',
    valueOf: ({ state }) => state.failuresInRow,
  },
  {
    name: 'license_next_attempt_timestamp_seconds',
    help: 'When the next attempt to renew is planned.',
    valueOf: ({ state }) => state.nextAttemptAt,
  },
];

/** The text format of Prometheus 0.0.4, as the textfile collector of node_exporter reads it. */
export function metricsText(measured: readonly MeasuredFile[]): string {
  const labels = labelsOf(measured);
  return GAUGES.map(({ name, help, valueOf }) => {
    const samples = measured.flatMap((one, index) => {
      const value = valueOf(one);
      return value === undefined || !Number.isFinite(value)
        ? []
        : [`${name}{${labels[index] ?? ''}} ${value}\n`];
    });
    return samples.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.join('')}`;
  }).join('');
}

/**
 * Replaces the file at `path`, which has to end in `.prom` for the collector, at once and whole.
 * @throws {Error} of the file system; the old file is then still there
 */
export const writeMetrics = (path: string, measured: readonly MeasuredFile[]): Promise<void> =>
  writeAtomically(path, metricsText(measured));

/** One set for each file, no two alike: the collector drops the whole file for two equal series. */
function labelsOf(measured: readonly MeasuredFile[]): readonly string[] {
  const used = new Set<string>();
  return measured.map((one) => {
    const { path } = one;
    const claims = claimsOf(one);
    for (let copy = 1; ; copy += 1) {
      const shown = copy === 1 ? label(path, 4096) : `${label(path, 4096)} (${copy})`;
      const product = label(claims?.product ?? '', 200);
      const license = label(claims?.sub ?? '', 200);
      const labels = `file="${shown}",product="${product}",license="${license}"`;
      if (used.has(labels)) continue;
      used.add(labels);
      return labels;
    }
  });
}

const label = (text: string, max: number): string => printable(text, max).replace(/[\\"]/g, '\\$&');
