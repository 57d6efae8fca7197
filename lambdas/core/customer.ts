import * as z from 'zod/mini';
import { ALERT_KINDS, CONTACT_ROLES, LANGUAGES } from './alerts/kinds.ts';
import { LEAST_OFFLINE_HOURS, MOST_OFFLINE_HOURS } from './alerts/silence-limits.ts';
import { parseBody } from './body.ts';
import { choiceField, dayField, lineField, listField, timeZoneField, wholeNumberField } from './fields.ts';

const EMAIL_MESSAGE = 'must be one plain e-mail address';

/** One plain address: whatever could start a second address or header is refused. */
export const emailField = z
  .string(EMAIL_MESSAGE)
  .check(
    z.maxLength(254, EMAIL_MESSAGE),
    z.regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/, EMAIL_MESSAGE),
  );

export const offlineHoursField = wholeNumberField(LEAST_OFFLINE_HOURS, MOST_OFFLINE_HOURS);

const MOST_CONTACTS = 50;

const MOST_FIRST_MANAGERS = 10;

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** When a contact wants the report on the health of the licenses; the hour is one of the contact's own zone. */
const reportSchema = z.discriminatedUnion(
  'every',
  [
    z.strictObject({
      every: z.literal('week'),
      on: choiceField(WEEKDAYS),
      hour: wholeNumberField(0, 23),
    }),
    z.strictObject({
      every: z.literal('month'),
      // Every month has these.
      on: wholeNumberField(1, 28),
      hour: wholeNumberField(0, 23),
    }),
  ],
  'must be {every: "week", on: "monday", hour: 8} or {every: "month", on: 1, hour: 8}',
);

export const contactSchema = z.strictObject({
  email: emailField,
  language: choiceField(LANGUAGES),
  timeZone: timeZoneField,
  roles: listField(choiceField(CONTACT_ROLES), 1, 2),
  /** Kinds of alerts that the contact gets. Absent: all that its roles are for. */
  kinds: z.optional(listField(choiceField(ALERT_KINDS), 0, ALERT_KINDS.length)),
  report: z.optional(reportSchema),
});

export const customerSchema = z.strictObject(
  {
    name: lineField(200),
    contacts: listField(contactSchema, 0, MOST_CONTACTS),
    /** Nothing that was due before this day (UTC) is said: for customers that are imported with a past. */
    alertsFrom: z.optional(dayField),
    /** Hours of silence after which a host counts as offline; absent: as the stage has it. */
    offlineAfterHours: z.optional(offlineHoursField),
    /** Who manages first; absent: the first commercial contact. Counts for nothing once the customer has members. */
    managers: z.optional(listField(emailField, 1, MOST_FIRST_MANAGERS)),
  },
  'must be a customer document',
);

export type Contact = z.infer<typeof contactSchema>;

/** When a contact wants its report. */
export type ReportTimes = z.infer<typeof reportSchema>;

/** The document that a vendor sends of a customer. */
export type CustomerDocument = z.infer<typeof customerSchema>;

export interface Customer extends CustomerDocument {
  readonly customerId: string;
}

/** @throws {Problem} `body-invalid` */
export const parseCustomer = (body: unknown): CustomerDocument => parseBody(customerSchema, body);
