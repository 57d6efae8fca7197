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

/** What is read of a record to know what its file says. */
export const FILE_ATTRIBUTES = ['licenseId', 'record', 'payload'] as const;

/** What the report of a customer reads of a record: the outcome is in its key, the time in the file, refusals have a count. */
export const REPORT_ATTRIBUTES = ['licenseId', 'record', 'payload', 'count'] as const;

/** What a customer is shown of its records: files, and refusals by day; neither who called nor from where, nor the minute. */
export const TIMELINE_ATTRIBUTES = ['licenseId', 'record', 'outcome', 'payload', 'count'] as const;
