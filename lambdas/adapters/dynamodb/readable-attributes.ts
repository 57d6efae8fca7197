/**
 * What functions may read of a record: the file and what it was decided on. Address, host id and host name of the caller
 * are kept for the auditor role; no function may read them (the roles name these attributes).
 */
export const READABLE_ATTRIBUTES = [
  'licenseId',
  'record',
  'seq',
  'outcome',
  'header',
  'payload',
  'signature',
  'replacesSeq',
  'licenseVersion',
  'installationVersion',
] as const;
