/** The agent as a library, for products that run on Node. */
export type { Instant } from './clock.ts';
export { AgentFault, type FaultCode } from './fault.ts';
export { EXIT, type ExitCode } from './exit-codes.ts';
export type { GenuineFile, LicenseClaims, OptionWindow } from './license.ts';
export type { Attempt, AttemptState, Failure } from './loop/attempt-state.ts';
export type { Obstacle, Outcome, Rejection } from './outcome.ts';
export { createRenewer, type Renewer, type RenewerOptions } from './renewer.ts';
export type { ExpiringReport, RenewalReport, RenewedReport } from './loop/report.ts';
export type { FileStatus } from './status.ts';
export type { Warning } from './warning/expiry-warning.ts';
