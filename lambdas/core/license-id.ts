import { createHash } from 'node:crypto';

/** Bytes that make a license id. */
export const LICENSE_ID_BYTES = 16;

/** `lic_` and 26 letters or digits (base 32). */
export const licenseIdOf = (bytes: Buffer): string =>
  `lic_${BigInt(`0x${bytes.toString('hex')}`)
    .toString(32)
    .padStart(26, '0')}`;

/** The id of the license that a customer's Idempotency-Key creates: the retry of a lost request finds it without an index. */
export const licenseIdOfKey = (customerId: string, idempotencyKey: string): string =>
  licenseIdOf(digestOf([customerId, idempotencyKey]).subarray(0, LICENSE_ID_BYTES));

/** A fingerprint of plain data; members in a fixed order are the caller's business. */
export const fingerprintOf = (data: unknown): string => digestOf(data).toString('base64url');

const digestOf = (data: unknown): Buffer => createHash('sha256').update(JSON.stringify(data)).digest();
