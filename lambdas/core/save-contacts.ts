import * as z from 'zod/mini';
import { ALERT_KINDS } from './alerts/kinds.ts';
import { muteOf } from './alerts/recipients.ts';
import { bodyInvalid, parseBody } from './body.ts';
import {
  byAddress,
  changesFor,
  customerInForce,
  isSameContact,
  versionOf,
  type CustomerChanges,
  type CustomerLayers,
} from './contacts-layer.ts';
import { contactSchema, offlineHoursField, type Contact } from './customer.ts';
import { choiceField, lineField, listField } from './fields.ts';
import { Problem, type BodyFault } from './problem.ts';
import { reportPlansOf } from './report/report-plans.ts';
import { keepReports, MAX_ROUNDS, type ReportDependencies } from './save-customer.ts';

/** The vendor's contacts and as many of the customer's own. */
const MOST_IN_FORCE = 100;

const mutedField = listField(choiceField(ALERT_KINDS), 0, ALERT_KINDS.length);

/** A contact as the customer sees it, with what its own link stopped. */
const seenContactSchema = z.extend(contactSchema, { muted: z.optional(mutedField) });

export const wantedContactsSchema = z.strictObject(
  {
    /** As the answer of the list said it. */
    version: lineField(64),
    contacts: listField(seenContactSchema, 0, MOST_IN_FORCE),
    offlineAfterHours: z.optional(offlineHoursField),
  },
  'must be a list of contacts with its version',
);

/** The whole list that a customer wants, and the version of the one that it looked at. */
export type WantedContactsDocument = z.infer<typeof wantedContactsSchema>;

/** @throws {Problem} `body-invalid` */
export const parseWantedContacts = (body: unknown): WantedContactsDocument =>
  parseBody(wantedContactsSchema, body);

export interface ContactStore {
  /** Strongly consistent. */
  readLayers(customerId: string): Promise<CustomerLayers | undefined>;
  /** Writes what the customer said and takes mutes back, if the stored counter is still `counter`. */
  writeChanges(
    customerId: string,
    changes: CustomerChanges,
    unmuted: readonly string[],
    counter: number,
  ): Promise<'written' | 'conflict'>;
}

export interface ContactDependencies extends ReportDependencies {
  readonly customers: ReportDependencies['customers'] & ContactStore;
}

/**
 * Makes the contacts of a customer those that it wants, and keeps the schedules of their reports. The same again is answered
 * as the first time, so that a retry heals a crash between the two.
 * @throws {Problem} `token-incomplete` where the customer is gone, `version-outdated`, `body-invalid`, `unavailable`
 */
export async function saveContacts(
  dependencies: ContactDependencies,
  customerId: string,
  wanted: WantedContactsDocument,
): Promise<CustomerLayers> {
  const { customers, reportSchedules } = dependencies;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const layers = await customers.readLayers(customerId);
    if (!layers) throw new Problem('token-incomplete');
    const isThere = isInForce(layers, wanted);
    if (!isThere) {
      if (versionOf(layers) !== wanted.version) throw contactsOutdated();
      const faults = faultsOf(layers, wanted);
      if (faults.length > 0) throw bodyInvalid(faults);
      const contacts = wanted.contacts.map(withoutMutes);
      const plans = reportPlansOf(contacts);
      // Before anything is stored: only Scheduler knows its time zones. One too many sends nothing.
      if (plans.length > 0) await reportSchedules.add(customerId, plans);
      const changes = changesFor(layers, { ...wanted, contacts });
      const written = await customers.writeChanges(
        customerId,
        changes,
        unmutedBy(layers, wanted),
        layers.counter,
      );
      if (written === 'conflict') continue;
    }
    await keepReports(dependencies, customerId);
    const stored = isThere ? layers : await customers.readLayers(customerId);
    if (!stored) throw new Problem('token-incomplete');
    return stored;
  }
  throw new Problem('unavailable', { cause: new Error('The contacts of the customer kept changing') });
}

const contactsOutdated = (): Problem =>
  new Problem('version-outdated', {
    detail: 'The contacts have changed since you read them. Read them again, and decide again.',
  });

const withoutMutes = ({ muted: _, ...contact }: WantedContactsDocument['contacts'][number]): Contact =>
  contact;

/** The kinds that a contact has stopped by its own link. */
export const mutedKinds = ({ mutes }: Pick<CustomerLayers, 'mutes'>, email: string) =>
  ALERT_KINDS.filter((kind) => mutes.has(muteOf(kind, email)));

/** Mutes of contacts that a list leaves out; a contact without the list keeps them. */
const unmutedBy = (layers: CustomerLayers, { contacts }: WantedContactsDocument): string[] =>
  contacts.flatMap(({ email, muted }) =>
    muted === undefined
      ? []
      : mutedKinds(layers, email)
          .filter((kind) => !muted.includes(kind))
          .map((kind) => muteOf(kind, email)),
  );

function isInForce(layers: CustomerLayers, wanted: WantedContactsDocument): boolean {
  const customer = customerInForce(layers);
  const inForce = byAddress(customer.contacts);
  // Left out, the vendor's count from now on, also where the customer's own happen to be the same.
  const areHoursInForce =
    wanted.offlineAfterHours === undefined
      ? layers.changes.offlineAfterHours === undefined
      : wanted.offlineAfterHours === customer.offlineAfterHours;
  return (
    wanted.contacts.length === inForce.size &&
    wanted.contacts.every(({ email, ...contact }) => {
      const known = inForce.get(email.toLowerCase());
      return known !== undefined && isSameContact(known, { email, ...contact });
    }) &&
    new Set(wanted.contacts.map(({ email }) => email.toLowerCase())).size === inForce.size &&
    areHoursInForce &&
    unmutedBy(layers, wanted).length === 0 &&
    faultsOf(layers, wanted).length === 0
  );
}

function faultsOf(layers: CustomerLayers, { contacts }: WantedContactsDocument): BodyFault[] {
  const seen = new Set<string>();
  const faults = contacts.flatMap(({ email, muted = [] }, index): BodyFault[] => {
    const address = email.toLowerCase();
    const isTwice = seen.has(address);
    seen.add(address);
    const already = mutedKinds(layers, email);
    return [
      ...(isTwice ? [{ path: `contacts[${index}].email`, message: 'is there twice' }] : []),
      ...(muted.some((kind) => !already.includes(kind))
        ? [
            {
              path: `contacts[${index}].muted`,
              message:
                'can only take back what the contact stopped itself; leave the kind out of kinds instead',
            },
          ]
        : []),
    ];
  });
  if (contacts.length === 0 && layers.vendor.contacts.length > 0) {
    faults.push({ path: 'contacts', message: 'must keep at least one contact' });
  }
  return faults;
}
