import { hostname } from 'node:os';
import { isoOf, type Instant } from '../clock.ts';
import { printable } from '../file/printable.ts';
import type { GenuineFile } from '../license.ts';
import type { AttemptState } from '../loop/attempt-state.ts';
import type { KnownFile } from '../loop/last-verified.ts';
import { warningOf, type Warning } from './expiry-warning.ts';
import { dayOf } from './last-day.ts';
import { sendMail, type MailSettings } from './mail.ts';
import { runHook, type HookResult } from './run-hook.ts';

export interface NotifySettings {
  /** `--on-expiring`. */
  readonly onExpiring?: string;
  readonly mail?: MailSettings;
  /** What commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** One line for people; it holds nothing secret. */
  readonly log: (line: string) => void;
  /** Once aborted nothing more is said: the next start says it. */
  readonly signal?: AbortSignal;
}

/** A license file, or what was last verified of it, and where it is. */
export interface FileAt {
  readonly path: string;
  readonly file: KnownFile;
}

/**
 * Says what `warningOf` says: in the log and by the command at most once a UTC day, by mail until the relay has taken it
 * once that day. Resolves to the state with what was said. Never rejects.
 */
export async function notify(
  { path, file }: FileAt,
  state: AttemptState,
  now: Instant,
  settings: NotifySettings,
): Promise<AttemptState> {
  const warning = warningOf(file, state, now);
  if (warning === undefined || settings.signal?.aborted === true) return state;
  const today = dayOf(now);
  const { onExpiring, mail, log } = settings;
  let said = state;
  if (state.warnedOn !== today) {
    said = { ...said, warnedOn: today };
    log(`${printable(path)}: ${warning.lines.join(' ')}`);
    if (onExpiring !== undefined) {
      const variables = { ...variablesOf({ path, file }), ...warningVariables(warning, state) };
      const result = await runHook({ command: onExpiring, variables, environment: settings.environment });
      if (result.kind === 'failed') log(`${printable(path)}: ${hookFault('--on-expiring', result)}`);
    }
  }
  if (mail !== undefined && state.mailedOn !== today) {
    const result = await sendMail(mail, messageOf({ path, file }, warning));
    if (result.kind === 'sent') said = { ...said, mailedOn: today };
    else log(`${printable(path)}: the warning by e-mail could not be sent: ${result.detail}`);
  }
  return said;
}

/** `--on-renewed`, after the file at the path has really changed. Failures are logged. Never rejects. */
export async function runOnRenewed(
  command: string,
  renewed: FileAt & { readonly before: GenuineFile },
  { environment, log }: Pick<NotifySettings, 'environment' | 'log'>,
): Promise<HookResult> {
  const variables = {
    ...variablesOf(renewed),
    LICENSE_EXPIRED_BEFORE: isoOf(renewed.before.claims.exp),
  };
  const result = await runHook({ command, variables, environment });
  if (result.kind === 'failed') log(`${printable(renewed.path)}: ${hookFault('--on-renewed', result)}`);
  return result;
}

/** What commands learn, of any license file. */
const variablesOf = ({ path, file: { claims } }: FileAt): Record<string, string> => ({
  LICENSE_FILE: path,
  LICENSE_ID: claims.sub,
  LICENSE_SERIAL: claims.jti,
  LICENSE_PRODUCT: claims.product,
  LICENSE_EXPIRES: isoOf(claims.exp),
});

const warningVariables = (
  { kind, cause, lines }: Warning,
  { failingSince, lastFailure }: AttemptState,
): Record<string, string> => ({
  LICENSE_WARNING: kind,
  LICENSE_WARNING_CAUSE: cause,
  LICENSE_WARNING_TEXT: lines.join(' '),
  ...(failingSince === undefined ? {} : { LICENSE_FAILING_SINCE: isoOf(failingSince) }),
  ...(failingSince === undefined || lastFailure === undefined ? {} : { LICENSE_FAILURE: lastFailure.code }),
});

const hookFault = (flag: string, { detail, output }: Extract<HookResult, { kind: 'failed' }>): string =>
  `the command of ${flag} failed: ${detail}${output === '' ? '' : `: ${output}`}`;

function messageOf({ path, file }: FileAt, { kind, lines }: Warning): { subject: string; text: string } {
  const product = printable(file.claims.product, 64);
  const state = kind === 'expired' ? 'has expired' : 'expires soon';
  const reason =
    kind === 'contract-ends' ? ': the contract ends' : kind === 'expired' ? '' : ': renewal fails';
  return {
    subject: `License of ${product} ${state}${reason}`,
    text: [...lines, '', `Host: ${printable(hostname(), 255)}`, `File: ${printable(path, 1000)}`, ''].join(
      '\n',
    ),
  };
}
