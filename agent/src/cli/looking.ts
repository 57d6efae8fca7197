import { DAY } from '../clock.ts';
import { EXIT, exitCodeOfFault, type ExitCode } from '../exit-codes.ts';
import { AgentFault } from '../fault.ts';
import { examine } from '../doctor/examine.ts';
import { ok, problem, problemOfFault, warning, type Finding } from '../doctor/finding.ts';
import { readKeySet } from '../file/key-set.ts';
import { printable } from '../file/printable.ts';
import type { Renewer } from '../renewer.ts';
import type { Settings } from '../settings.ts';
import { exitCodeOfStatus, statusDocument, type FileStatus } from '../status.ts';
import { minuteOf } from '../warning/last-day.ts';
import { netOf, renewerOf, type Context } from './context.ts';
import { jsonOf } from './output.ts';
import { noFiles } from './proving.ts';

/** `status`: how the files stand, without the network. */
export async function status(settings: Settings, context: Context, check: boolean): Promise<number> {
  const renewer = renewerOf(settings, context, context.err);
  try {
    const all = await renewer.status();
    const now = context.clock.now();
    if (all.length === 0) throw noFiles();
    if (check) return nagios(all, now, context);
    const code = exitCodeOfStatus(all);
    if (settings.json === true) {
      context.out(jsonOf(statusDocument(all, now)));
      return code;
    }
    for (const one of all) {
      const isWell = one.state === 'valid' && one.warning === undefined;
      if (!isWell || settings.quiet !== true) context.out(statusLines(one).join('\n'));
    }
    return code;
  } finally {
    await renewer.close();
  }
}

function statusLines({ path, state, file, fault, warning: found, renewal }: FileStatus): string[] {
  const { failingSince, lastFailure, lastRenewedAt, nextAttemptAt } = renewal;
  return [
    `${printable(path)}: ${state}${file ? ` until ${minuteOf(file.claims.exp)}` : ''}`,
    ...(fault ? [`  ${fault.message}. ${fault.advice}`] : []),
    ...(found ? found.lines.map((line) => `  ${line}`) : []),
    ...(lastRenewedAt === undefined ? [] : [`  last renewed ${minuteOf(lastRenewedAt)}`]),
    ...(failingSince === undefined
      ? []
      : [
          `  failing since ${minuteOf(failingSince)}: ${lastFailure?.code ?? ''} ${lastFailure?.detail ?? ''}`,
        ]),
    ...(nextAttemptAt === undefined ? [] : [`  next attempt ${minuteOf(nextAttemptAt)}`]),
  ];
}

/** Below so many days a warning is critical. */
const CRITICAL_DAYS = 3;

/** The answer of a plugin for Nagios, Icinga, Zabbix: one line, and 0, 1, 2 or 3. */
function nagios(all: readonly FileStatus[], now: number, context: Context): number {
  const seconds = all.flatMap(({ file }) => (file ? [file.claims.exp - now] : []));
  const first = seconds.length === 0 ? undefined : Math.min(...seconds);
  const isCritical = ({ state, file }: FileStatus): boolean =>
    state === 'missing' ||
    state === 'damaged' ||
    state === 'expired' ||
    (state === 'expiring' && file !== undefined && file.claims.exp - now < CRITICAL_DAYS * DAY);
  const isWarning = ({ state, warning: found, renewal }: FileStatus): boolean =>
    state === 'starter' || found !== undefined || renewal.failuresInRow >= 3;
  const worst = all.find(isCritical) ?? all.find(isWarning);
  const [word, code] = all.some(isCritical)
    ? (['CRITICAL', 2] as const)
    : worst
      ? (['WARNING', 1] as const)
      : (['OK', 0] as const);
  const about =
    worst === undefined
      ? `${all.length} ${all.length === 1 ? 'file' : 'files'}, the first expires ${minuteOf(now + (first ?? 0))}`
      : [
          printable(worst.path),
          worst.fault?.message ??
            worst.warning?.lines.slice(0, 2).join(' ') ??
            worst.renewal.lastFailure?.detail ??
            worst.state,
        ].join(': ');
  // A bar would begin the performance data.
  const data = first === undefined ? '' : ` | expires=${first}s;${10 * DAY}:;${CRITICAL_DAYS * DAY}:`;
  context.out(`LICENSE ${word} - ${about.replaceAll('|', '/')}${data}`);
  return code;
}

/** `doctor`: everything that a renewal needs, and what to do about what is missing. */
export async function doctor(settings: Settings, context: Context): Promise<ExitCode> {
  const renewer = renewerOf(settings, context, context.err);
  try {
    const all = await renewer.status();
    if (all.length === 0) throw noFiles();
    const url = settings.url ?? all.find(({ file }) => file)?.file?.claims.renewal.url;
    const findings = await examine({
      ...(url === undefined ? {} : { url }),
      net: { ...netOf(settings), env: context.environment, clock: context.clock },
      files: all.map(({ path }) => path),
      folders: settings.stateFolder === undefined ? [] : [settings.stateFolder],
      ready: [await keysFinding(settings), ...(await hostFindings(all, renewer)), ...all.map(licenseFinding)],
      signal: context.signal,
    });
    const failed = findings.some(({ outcome }) => outcome === 'problem');
    if (settings.json === true) context.out(jsonOf({ findings }));
    else {
      for (const finding of findings) {
        if (finding.outcome !== 'ok' || settings.quiet !== true) context.out(findingLine(finding));
      }
    }
    return failed ? EXIT.internal : EXIT.ok;
  } finally {
    await renewer.close();
  }
}

const MARKS = { ok: 'ok     ', warning: 'WARNING', problem: 'PROBLEM', skipped: 'skipped' } as const;

const findingLine = ({ check, outcome, detail, advice }: Finding): string =>
  `${MARKS[outcome]} ${check.padEnd(8)} ${detail}${advice === undefined ? '' : `\n${' '.repeat(17)}${advice}`}`;

async function keysFinding({ keySet = '' }: Settings): Promise<Finding> {
  try {
    const keys = await readKeySet(keySet);
    return ok('keys', `${keys.size} pinned ${keys.size === 1 ? 'key' : 'keys'} in ${printable(keySet)}`);
  } catch (error) {
    if (error instanceof AgentFault) return problemOfFault('keys', error);
    throw error;
  }
}

async function hostFindings(all: readonly FileStatus[], renewer: Renewer): Promise<Finding[]> {
  const [first] = all;
  if (!first) return [];
  try {
    const identity = await renewer.identity(first.path);
    if (identity === undefined) {
      return [ok('host-id', 'that of each license file, as neither --host-id nor --product is given')];
    }
    const { hostId, source, warning: odd } = identity;
    const bound = all.flatMap(({ file }) => file?.claims.host ?? []).filter(({ id }) => id !== hostId);
    const [other] = bound;
    if (other) {
      return [
        warning(
          'host-id',
          `this host is ${printable(hostId, 128)}, and a license file is bound to ${printable(other.id, 128)}`,
          'If the license was moved here, run enroll; if the file was copied here, this host needs a license of its own.',
        ),
      ];
    }
    if (odd !== undefined)
      return [warning('host-id', odd, 'If this is a copy of another host, give it a --host-id.')];
    return [ok('host-id', `${printable(hostId, 128)} (${source})`)];
  } catch (error) {
    if (error instanceof AgentFault) return [problemOfFault('host-id', error)];
    throw error;
  }
}

function licenseFinding({ path, state, file, fault, warning: found }: FileStatus): Finding {
  if (fault) return problemOfFault('license', fault);
  if (state === 'expired') {
    return problem(
      'license',
      `${printable(path)} has expired`,
      'A renewal brings a new one, whatever the age of this.',
    );
  }
  if (state === 'starter') {
    return warning('license', `${printable(path)} is a starter file`, 'Run enroll to bind it to this host.');
  }
  if (found) return warning('license', found.lines.slice(0, 2).join(' '), found.lines.at(-1) ?? '');
  return ok('license', `${printable(path)} is valid until ${file ? minuteOf(file.claims.exp) : ''}`);
}

export const exitCodeOfError = (error: unknown): ExitCode =>
  error instanceof AgentFault ? exitCodeOfFault(error.code) : EXIT.internal;
