import type { LicenseClaims, OptionWindow } from '../license.ts';
import { printable } from './printable.ts';

/** The last second of the year 9999, beyond which no date can be written. */
const MAX_INSTANT = 253_402_300_799;

const MAX_ID = 256;
const MAX_NAME = 1000;
const MAX_URL = 2048;

/**
 * The claims of a license file by their types and bounds. Members that are not known are kept; names for display lose what
 * could steer a terminal.
 * @throws {TypeError} naming the first claim that is wrong, without its value
 */
export function parseClaims(payload: unknown): LicenseClaims {
  const claims = object(payload, 'the payload');
  const customer = object(claims['customer'], 'customer');
  const renewal = object(claims['renewal'], 'renewal');
  const { host, entitledUntil } = claims;
  return {
    ...claims,
    iss: text(claims['iss'], 'iss', MAX_URL),
    sub: text(claims['sub'], 'sub'),
    jti: text(claims['jti'], 'jti'),
    seq: whole(claims['seq'], 'seq', 0),
    iat: instant(claims['iat'], 'iat'),
    exp: instant(claims['exp'], 'exp'),
    customer: {
      ...customer,
      id: text(customer['id'], 'customer.id'),
      name: name(customer['name'], 'customer.name'),
    },
    product: text(claims['product'], 'product'),
    installation: text(claims['installation'], 'installation'),
    ...(host === undefined ? {} : { host: hostOf(host) }),
    contracts: list(claims['contracts'], 'contracts').map(contractOf),
    ...(entitledUntil === undefined ? {} : { entitledUntil: instant(entitledUntil, 'entitledUntil') }),
    options: list(claims['options'], 'options').map(windowOf),
    renewal: {
      ...renewal,
      url: httpUrl(renewal['url'], 'renewal.url'),
      everySeconds: whole(renewal['everySeconds'], 'renewal.everySeconds', 1),
    },
  };
}

function hostOf(value: unknown): { readonly id: string; readonly name?: string } {
  const host = object(value, 'host');
  const id = text(host['id'], 'host.id', 128);
  if (!/^[\x21-\x7e]+$/.test(id)) throw new TypeError('host.id is not visible ASCII');
  return { ...host, id, ...(host['name'] === undefined ? {} : { name: name(host['name'], 'host.name') }) };
}

function contractOf(value: unknown): { readonly id: string; readonly endsAt?: number } {
  const contract = object(value, 'a contract');
  const { endsAt } = contract;
  return {
    ...contract,
    id: text(contract['id'], 'contracts.id'),
    ...(endsAt === undefined ? {} : { endsAt: instant(endsAt, 'contracts.endsAt') }),
  };
}

function windowOf(value: unknown): OptionWindow {
  const window = object(value, 'an option');
  return {
    ...window,
    option: text(window['option'], 'options.option'),
    quantity: whole(window['quantity'], 'options.quantity', 0),
    from: instant(window['from'], 'options.from'),
    until: instant(window['until'], 'options.until'),
  };
}

function object(value: unknown, claim: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${claim} is not an object`);
  }
  // An object of JSON has string keys and nothing else.
  return value as Record<string, unknown>;
}

function list(value: unknown, claim: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${claim} is not a list`);
  return value;
}

function text(value: unknown, claim: string, maxLength = MAX_ID): string {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) {
    throw new TypeError(`${claim} is not a text of 1 to ${maxLength} characters`);
  }
  if (printable(value, maxLength) !== value) throw new TypeError(`${claim} has control characters`);
  return value;
}

function name(value: unknown, claim: string): string {
  if (typeof value !== 'string') throw new TypeError(`${claim} is not a text`);
  return printable(value, MAX_NAME);
}

function whole(value: unknown, claim: string, minimum: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum) {
    throw new TypeError(`${claim} is not a whole number from ${minimum}`);
  }
  return value;
}

/** RFC 7519 lets a NumericDate have a fraction. */
function instant(value: unknown, claim: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_INSTANT)) {
    throw new TypeError(`${claim} is not an instant`);
  }
  return value;
}

function httpUrl(value: unknown, claim: string): string {
  const url = text(value, claim, MAX_URL);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`${claim} is not an address of the web`);
  }
  return url;
}
