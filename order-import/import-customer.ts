import { isDeepStrictEqual } from 'node:util';
import { contractSchema, parseContract, type ContractDocument } from '../lambdas/core/contract.ts';
import { customerSchema, parseCustomer, type CustomerDocument } from '../lambdas/core/customer.ts';
import { Problem } from '../lambdas/core/problem.ts';
import {
  newContract,
  newCustomer,
  kindOf,
  withoutUndefined,
  type ImportDefaults,
  type Said,
  type SaidContract,
  type SaidCustomer,
} from './read-customers.ts';
import { membersOf, refusal, RequestRefused, type VendorApi } from './vendor-api.ts';

/** What becomes of a document; `members`: those that change. */
export type Change =
  | { readonly kind: 'created' | 'unchanged' }
  | { readonly kind: 'changed'; readonly members: readonly string[] };

export interface ImportedCustomer {
  readonly customer: Change;
  readonly contracts: readonly { readonly contractId: string; readonly change: Change }[];
}

export interface ImportOptions {
  readonly api: VendorApi;
  readonly defaults: ImportDefaults;
  /** Nothing is written; what would be is answered. */
  readonly dryRun: boolean;
}

/** Rounds until somebody who changes the same contract all the time is told of. */
const MAX_ROUNDS = 3;

/**
 * Brings one customer and its contracts to what the file says. Whatever the file says nothing of stays as it is. The same
 * again finds all as it should be, so that an import which was cut off is begun again from the start.
 * @throws {RequestRefused} where the service does not take it
 */
export async function importCustomer(
  { customerId, said, contracts }: SaidCustomer,
  { api, defaults, dryRun }: ImportOptions,
): Promise<ImportedCustomer> {
  const path = `/v1/customers/${customerId}`;
  const stored = await found(api, path, `the customer ${customerId}`);
  const wanted = stored ? mergedCustomer(customerId, stored, said) : newCustomer(said, defaults);
  const customer = changeOf(stored && knownMembers(stored, customerSchema), wanted);
  if (customer.kind !== 'unchanged' && !dryRun) {
    const answer = await api('PUT', path, wanted);
    if (!isDone(answer.status)) throw refusal(`the customer ${customerId}`, answer);
  }
  const known = stored ? await contractsAt(api, path) : new Map<string, Said>();
  const done: ImportedCustomer['contracts'][number][] = [];
  for (const contract of contracts) {
    const change = await importContract(contract, path, known.get(contract.contractId), {
      api,
      defaults,
      dryRun,
    });
    done.push({ contractId: contract.contractId, change });
  }
  return { customer, contracts: done };
}

async function importContract(
  { contractId, said }: SaidContract,
  customerPath: string,
  known: Said | undefined,
  { api, defaults, dryRun }: ImportOptions,
): Promise<Change> {
  const path = `${customerPath}/contracts/${contractId}`;
  let stored = known;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = stored && knownMembers(stored, contractSchema);
    const wanted = before
      ? mergedContract(contractId, before, said)
      : newContract(contractId, said, defaults);
    const change = changeOf(before, wanted);
    if (change.kind === 'unchanged' || dryRun) return change;
    const revision = before ? Number(before['revision']) + 1 : 1;
    const answer = await api('PUT', path, { ...wanted, revision });
    if (isDone(answer.status)) return change;
    // Somebody else got ahead since it was read, or our own first try did, whose answer was lost.
    if (answer.status !== 409) throw refusal(`the contract ${contractId}`, answer);
    stored = await found(api, path, `the contract ${contractId}`);
  }
  throw new RequestRefused(`the contract ${contractId} kept changing meanwhile`);
}

/** Contacts that were there keep what a file has no columns for. */
function mergedCustomer(customerId: string, stored: Said, said: Said): CustomerDocument {
  const before = knownMembers(stored, customerSchema);
  const known = (Array.isArray(before['contacts']) ? before['contacts'] : []).map(membersOf);
  const contacts = (Array.isArray(said['contacts']) ? said['contacts'] : known).map((contact) => {
    const { email, roles, ...rest } = membersOf(contact);
    const same = known.find((other) => addressOf(other) === addressOf({ email }));
    if (same === undefined) return { email, roles, ...rest };
    const isSame = isDeepStrictEqual(new Set(rolesOf(roles)), new Set(rolesOf(same['roles'])));
    return { ...same, roles: isSame ? same['roles'] : roles };
  });
  const isOrderAlone =
    contacts.length === known.length &&
    known.every((one) => contacts.some((other) => isDeepStrictEqual(one, other)));
  return checked(`the customer ${customerId}`, () =>
    parseCustomer(withoutUndefined({ ...before, ...said, contacts: isOrderAlone ? known : contacts })),
  );
}

const addressOf = (contact: Readonly<Record<string, unknown>>): string =>
  String(contact['email']).toLowerCase();
const rolesOf = (roles: unknown): unknown[] => (Array.isArray(roles) ? roles : []);

/** Lines that order the same are the same, whatever their ids. */
function mergedContract(contractId: string, before: Said, said: Said): ContractDocument {
  const isSame = isDeepStrictEqual(orderedBy(before['lines']), orderedBy(said['lines'] ?? before['lines']));
  // The installation has a name where none is given; what takes it away changes nothing.
  const isMain = said['installation'] === undefined && before['installation'] === 'main';
  return checked(`the contract ${contractId}`, () =>
    parseContract(
      contractId,
      withoutUndefined({
        ...before,
        ...said,
        kind: kindOf(said, before['kind']),
        ...(isSame ? { lines: before['lines'] } : {}),
        ...(isMain ? { installation: 'main' } : {}),
      }),
    ),
  );
}

/** What lines order, in an order of its own. */
const orderedBy = (lines: unknown): string[] =>
  (Array.isArray(lines) ? lines : [])
    .map((line) => {
      const { option, scope, quantity, startsOn, endsOn } = membersOf(line);
      return JSON.stringify([option, scope, quantity, startsOn, endsOn]);
    })
    .sort();

/** A file can be sound by itself, and not together with what is stored. */
function checked<Document>(what: string, parse: () => Document): Document {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const faults = error.faults.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new RequestRefused(`${what} would not be valid with what is stored of it: ${faults}`);
  }
}

function changeOf(before: Said | undefined, after: Said): Change {
  if (before === undefined) return { kind: 'created' };
  const members = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((member) => !isDeepStrictEqual(before[member], after[member]))
    .sort();
  return members.length === 0 ? { kind: 'unchanged' } : { kind: 'changed', members };
}

/** The members of the document alone: answers also tell ids and when it was received. */
const knownMembers = (answer: Said, { shape }: { readonly shape: object }): Said =>
  Object.fromEntries(Object.entries(answer).filter(([name]) => name in shape));

/** What is stored; undefined where nothing is. */
async function found(api: VendorApi, path: string, what: string): Promise<Said | undefined> {
  const answer = await api('GET', path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(what, answer);
  return membersOf(answer.body);
}

/** Every contract of a customer, by its id. */
async function contractsAt(api: VendorApi, customerPath: string): Promise<Map<string, Said>> {
  const contracts = new Map<string, Said>();
  for (let next: string | undefined = ''; next !== undefined;) {
    const query = next === '' ? '' : `?next=${encodeURIComponent(next)}`;
    const answer = await api('GET', `${customerPath}/contracts${query}`);
    if (answer.status !== 200) throw refusal('the list of contracts', answer);
    const page = membersOf(answer.body);
    for (const contract of Array.isArray(page['contracts']) ? page['contracts'] : []) {
      const members = membersOf(contract);
      contracts.set(String(members['contractId']), members);
    }
    next = typeof page['next'] === 'string' ? page['next'] : undefined;
  }
  return contracts;
}

const isDone = (status: number): boolean => status === 200 || status === 201;
