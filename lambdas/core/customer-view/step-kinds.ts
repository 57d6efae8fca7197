/** What there can be to do, the most urgent first. */
export const STEP_KINDS = [
  'host-failing',
  'file-expiring',
  'contract-ended',
  'too-many-hosts',
  'host-offline',
  'contract-ending',
  'unknown-host',
  'transfer-waiting',
  'starter-waiting',
] as const;
