import * as z from 'zod/mini';
import { parseBody } from './body.ts';
import { choiceField, lineField, listField, timeZoneField } from './fields.ts';

const EMAIL_MESSAGE = 'must be one plain e-mail address';

/** One plain address: whatever could start a second address or header is refused. */
const emailField = z
  .string(EMAIL_MESSAGE)
  .check(
    z.maxLength(254, EMAIL_MESSAGE),
    z.regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/, EMAIL_MESSAGE),
  );

const contactSchema = z.strictObject({
  email: emailField,
  language: choiceField(['en', 'de', 'fr']),
  timeZone: timeZoneField,
  roles: listField(choiceField(['technical', 'commercial']), 1, 2),
});

const customerSchema = z.strictObject(
  { name: lineField(200), contacts: listField(contactSchema, 0, 50) },
  'must be a customer document',
);

/** The document that a vendor sends of a customer. */
export type CustomerDocument = z.infer<typeof customerSchema>;

export interface Customer extends CustomerDocument {
  readonly customerId: string;
}

/** @throws {Problem} `body-invalid` */
export const parseCustomer = (body: unknown): CustomerDocument => parseBody(customerSchema, body);
