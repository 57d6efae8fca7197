/** What we add to the answer. */
export const REPORT_JSON = 'report.json';
export const REPORT_CSV = 'report.csv';
export const REPORT_NAMES: ReadonlySet<string> = new Set([REPORT_JSON, REPORT_CSV]);

const MAX_NAME_LENGTH = 200;

/** No separators of other systems, no wildcards, no control or direction characters, no halves of surrogate pairs. */
const PART = /^[^\\/:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Windows opens devices by these names, whatever follows a dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Whether a name may stand in the zip that we answer: relative, and a file below the folder into which it is unpacked, on
 * every system.
 */
export const isSafeName = (name: string): boolean =>
  name.length <= MAX_NAME_LENGTH && name.split('/').every(isSafePart);

const isSafePart = (part: string): boolean =>
  PART.test(part) &&
  !DEVICE.test(part) &&
  // `.` and `..`, names that Windows shortens, and one that is no ordinary member of an object.
  !/[. ]$/.test(part) &&
  part !== '__proto__';
