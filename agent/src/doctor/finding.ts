import type { AgentFault } from '../fault.ts';

/** What the doctor looks at. The last three are judged by the caller. */
export type Check =
  | 'settings'
  | 'proxy'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'ping'
  | 'clock'
  | 'file'
  | 'folder'
  | 'keys'
  | 'host-id'
  | 'license';

export interface Finding {
  readonly check: Check;
  /** `problem` keeps renewals from working, `warning` may; `skipped`: something before it has to work first. */
  readonly outcome: 'ok' | 'warning' | 'problem' | 'skipped';
  /** One line for people, without credentials. */
  readonly detail: string;
  /** What to do, in one line. */
  readonly advice?: string;
}

export const ok = (check: Check, detail: string): Finding => ({ check, outcome: 'ok', detail });

export const warning = (check: Check, detail: string, advice: string): Finding => ({
  check,
  outcome: 'warning',
  detail,
  advice,
});

export const problem = (check: Check, detail: string, advice: string): Finding => ({
  check,
  outcome: 'problem',
  detail,
  advice,
});

export const skipped = (check: Check, detail: string): Finding => ({ check, outcome: 'skipped', detail });

export const problemOfFault = (check: Check, fault: AgentFault): Finding =>
  problem(check, fault.message, fault.advice);
