import type { FaultCode } from './fault.ts';
import type { Obstacle } from './outcome.ts';

/** Exit codes by cause. They never change their meaning; new causes get new codes. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  /** The license file on disk is missing, unreadable or damaged; so are the keys. */
  file: 3,
  hostId: 4,
  locked: 5,
  /** The new file could not be stored; the old one is still there. */
  notWritten: 6,
  /** The service refused the renewal. */
  refused: 10,
  dns: 20,
  connect: 21,
  timeout: 22,
  tls: 23,
  proxy: 24,
  http: 25,
  /** An answer that is not an acceptable license file. */
  rejected: 30,
  /** `status`: the file expires soon because renewals fail, or because the contract ends; or it has expired. */
  expiringUnrenewed: 40,
  expiringByContract: 41,
  expired: 42,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const FAULTS: Readonly<Record<FaultCode, ExitCode>> = {
  usage: EXIT.usage,
  settings: EXIT.usage,
  'file-missing': EXIT.file,
  'file-unreadable': EXIT.file,
  'file-damaged': EXIT.file,
  keys: EXIT.file,
  'host-id': EXIT.hostId,
  locked: EXIT.locked,
  'not-written': EXIT.notWritten,
};

export const exitCodeOfFault = (code: FaultCode): ExitCode => FAULTS[code];

export const exitCodeOfObstacle = (obstacle: Obstacle): ExitCode => EXIT[obstacle];
