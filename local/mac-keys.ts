import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunError } from './local-run-error.ts';

const LENGTH = 32;

/** A KMS key of spec HMAC_256. */
export interface MacKey {
  /** Follows from the secret, so it survives a restart with it. */
  readonly keyId: string;
  readonly arn: string;
  readonly spec: 'HMAC_256';
  readonly secret: Buffer;
}

/** Takes the secret from `folder`, or makes it there, readable by its owner only. */
export function openMacKey(folder: string, name: string, arnPrefix: string): MacKey {
  const file = join(folder, `${name}.hmac`);
  if (!existsSync(file)) {
    // Renamed into place: a kill in between leaves no half of a key.
    writeFileSync(`${file}.new`, randomBytes(LENGTH).toString('hex'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const text = readFileSync(file, 'utf8');
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new LocalRunError(
      `the data folder is damaged (${file} is no HMAC key): move it away and start again`,
    );
  }
  const secret = Buffer.from(text, 'hex');
  const keyId = createHash('sha256').update('key id').update(secret).digest('hex').slice(0, 32);
  return { keyId, arn: `${arnPrefix}:key/${keyId}`, spec: 'HMAC_256', secret };
}

export const macOf = ({ secret }: MacKey, message: Buffer): Buffer =>
  createHmac('sha256', secret).update(message).digest();

/** Takes the same time for every wrong MAC. */
export function isMacOf(key: MacKey, message: Buffer, mac: Buffer): boolean {
  const expected = macOf(key, message);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}
