import { HOUR, isoOf, MINUTE } from '../clock.ts';
import { EXIT, exitCodeOfFault, exitCodeOfObstacle, type ExitCode } from '../exit-codes.ts';
import { printable } from '../file/printable.ts';
import type { GenuineFile } from '../license.ts';
import { adviceOn } from '../net/obstacle.ts';
import type { RenewalReport } from '../renewer.ts';
import { claimsDocument } from '../status.ts';
import { exitCodeOfWarning } from '../warning/expiry-warning.ts';
import { minuteOf } from '../warning/last-day.ts';

/** Where a command prints; tests give their own. */
export interface Terminal {
  readonly out: (line: string) => void;
  /** What is wrong. */
  readonly err: (line: string) => void;
}

/** What came of an attempt, in one line for people. */
export function lineOf({ path, attempt }: RenewalReport, dryRun = false): string {
  const name = printable(path);
  switch (attempt.kind) {
    case 'renewed': {
      const { before, file } = attempt;
      const earlier =
        file.claims.exp < before.claims.exp ? `, earlier than before (${minuteOf(before.claims.exp)})` : '';
      const verb = dryRun ? 'would be renewed' : 'renewed';
      return `${name}: ${verb}, valid until ${minuteOf(file.claims.exp)}${earlier}`;
    }
    case 'unchanged':
      return `${name}: the newest file is here already, valid until ${minuteOf(attempt.file.claims.exp)}`;
    case 'refused':
      return `${name}: refused (${attempt.code}): ${attempt.detail}`;
    case 'unreachable':
      return `${name}: the service was not reached (${attempt.obstacle}): ${attempt.detail}. ${adviceOn(attempt.obstacle)}`;
    case 'rejected':
      return `${name}: the answer is not taken (${attempt.reason}): ${attempt.detail}`;
    case 'not-written':
      return `${name}: the new file could not be stored, the old one is still there: ${attempt.detail}`;
    case 'fault':
      return `${name}: ${attempt.detail}`;
  }
}

export const isSuccess = ({ attempt }: RenewalReport): boolean =>
  attempt.kind === 'renewed' || attempt.kind === 'unchanged';

/** The exit code by cause; of a success, that of a warning about the file. */
function exitCodeOf({ attempt, warning }: RenewalReport): ExitCode {
  switch (attempt.kind) {
    case 'renewed':
    case 'unchanged':
      return warning ? exitCodeOfWarning(warning) : EXIT.ok;
    case 'refused':
      return EXIT.refused;
    case 'unreachable':
      return exitCodeOfObstacle(attempt.obstacle);
    case 'rejected':
      return EXIT.rejected;
    case 'not-written':
      return EXIT.notWritten;
    case 'fault':
      return attempt.code === 'internal' ? EXIT.internal : exitCodeOfFault(attempt.code);
  }
}

/** Of several files: that of the first failure, else of the first warning. */
export const exitCodeOfAll = (reports: readonly RenewalReport[]): ExitCode => {
  const failed = reports.find((report) => !isSuccess(report));
  const warned = reports.find((report) => exitCodeOf(report) !== EXIT.ok);
  const first = failed ?? warned;
  return first ? exitCodeOf(first) : EXIT.ok;
};

/** A report as `--json` prints it. */
export function reportDocument(report: RenewalReport, dryRun = false): object {
  const { path, attempt, file, state, warning } = report;
  return {
    file: path,
    outcome: attempt.kind,
    ...(dryRun ? { dryRun } : {}),
    ...('detail' in attempt ? { detail: attempt.detail } : {}),
    ...codeOf(report),
    ...(file ? { expiresAt: isoOf(file.claims.exp), seq: file.claims.seq, license: file.claims.sub } : {}),
    ...(attempt.kind === 'renewed' ? { expiredBefore: isoOf(attempt.before.claims.exp) } : {}),
    ...(state.nextAttemptAt === undefined ? {} : { nextAttemptAt: isoOf(state.nextAttemptAt) }),
    ...(warning ? { warning: { kind: warning.kind, text: warning.lines.join(' ') } } : {}),
    exitCode: exitCodeOf(report),
  };
}

function codeOf({ attempt }: RenewalReport): { code?: string } {
  switch (attempt.kind) {
    case 'refused':
    case 'fault':
      return { code: attempt.code };
    case 'unreachable':
      return { code: attempt.obstacle };
    case 'rejected':
      return { code: attempt.reason };
    case 'renewed':
    case 'unchanged':
    case 'not-written':
      return {};
  }
}

/** What a license file says, for people. */
export function claimLines(file: Pick<GenuineFile, 'claims'>, now: number): string[] {
  const { claims } = file;
  const { host, entitledUntil } = claims;
  const rows: readonly (readonly [string, string])[] = [
    ['Product', `${claims.product}, installation ${claims.installation}`],
    ['Customer', `${claims.customer.name} (${claims.customer.id})`],
    ['License', claims.sub],
    ['Host', host ? `${host.id}${host.name === undefined ? '' : ` (${host.name})`}` : 'none: a starter file'],
    ['Serial', `${claims.jti}, number ${claims.seq}`],
    ['Issued', minuteOf(claims.iat)],
    ['Expires', `${minuteOf(claims.exp)}${now >= claims.exp ? ', expired' : ''}`],
    ...(entitledUntil === undefined ? [] : [['Entitled until', minuteOf(entitledUntil)] as const]),
    [
      'Contracts',
      claims.contracts
        .map(({ id, endsAt }) => (endsAt === undefined ? id : `${id} until ${minuteOf(endsAt)}`))
        .join(', ') || 'none',
    ],
    ...claims.options.map(
      ({ option, quantity, from, until }) =>
        [
          'Option',
          `${quantity} ${option} from ${minuteOf(from)} until ${minuteOf(until)}${
            from <= now && now < until && now < claims.exp ? ', in force' : ''
          }`,
        ] as const,
    ),
    ['Renewal', `every ${spanOf(claims.renewal.everySeconds)} at ${claims.renewal.url}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(15)} ${printable(value, 400)}`);
}

/** `24 hours`, `90 minutes`. */
const spanOf = (seconds: number): string => {
  const [unit, count] =
    seconds % HOUR === 0 ? ['hour', seconds / HOUR] : ['minute', Math.round(seconds / MINUTE)];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};

/** A document on several lines, for `--json`. */
export const jsonOf = (value: object): string => JSON.stringify(value, null, 2);

export const inspectDocument = (
  file: Pick<GenuineFile, 'claims'> & { readonly kid: string },
  genuine: boolean,
  now: number,
): object => ({ genuine, kid: file.kid, serial: file.claims.jti, ...claimsDocument(file, now) });
