import * as z from 'zod/mini';
import { ALERT_KINDS, LANGUAGES } from '../alerts/kinds.ts';
import { contactSchema } from '../customer.ts';
import {
  chosenMembershipSchema,
  INVITATION_STATES,
  MEMBER_ROLES,
  memberBodySchema,
} from '../members/member.ts';
import { wantedContactsSchema } from '../save-contacts.ts';
import { instantField } from './common.ts';
import type { Operation, Parameter } from './operation.ts';
import { pageParameters, pageSchema } from './paging.ts';

const meSchema = z.object({
  customer: z.object({ id: z.string(), name: z.string() }),
  role: z.enum(MEMBER_ROLES),
  email: z.optional(z.string()),
});

const membershipsContent = {
  schema: z.object({
    memberships: z.array(
      z.object({
        customer: z.object({ id: z.string(), name: z.string() }),
        role: z.enum(MEMBER_ROLES),
        chosen: z.boolean(),
      }),
    ),
  }),
  example: {
    memberships: [
      { customer: { id: 'acme', name: 'Acme Print' }, role: 'manager', chosen: true },
      { customer: { id: 'globex', name: 'Globex' }, role: 'viewer', chosen: false },
    ],
  },
};

const memberSchema = z.object({
  email: z.string(),
  role: z.enum(MEMBER_ROLES),
  language: z.enum(LANGUAGES),
  invitedAt: instantField,
  invitedBy: z.optional(z.string()),
  invitation: z.enum(INVITATION_STATES),
});

const contactsSchema = z.object({
  version: z.string(),
  contacts: z.array(z.object({ ...contactSchema.shape, muted: z.array(z.enum(ALERT_KINDS)) })),
  offlineAfterHours: z.optional(z.int()),
});

const member = {
  email: 'jo@acme.example',
  role: 'viewer',
  language: 'de',
  invitedAt: '2026-11-24T12:00:00Z',
  invitedBy: 'ops@acme.example',
  invitation: 'sent',
};

const contact = {
  email: 'ops@acme.example',
  language: 'en',
  timeZone: 'Europe/Berlin',
  roles: ['technical', 'commercial'],
  kinds: ['offline', 'failed', 'expiring', 'ending'],
  report: { every: 'week', on: 'monday', hour: 8 },
};

const seenContacts = {
  version: 'q0fCN3xIYk4r3bSWKTXSLg',
  contacts: [{ ...contact, muted: ['offline'] }],
  offlineAfterHours: 120,
};

const EMAIL: Parameter = {
  schema: z.string().check(z.minLength(1), z.maxLength(254)),
  description: 'Address of the member; letters of either case are the same.',
  example: member.email,
};

const CUSTOMER_ID: Parameter = {
  schema: z.string().check(z.minLength(1), z.maxLength(64)),
  description: 'Id of the customer.',
  example: 'acme',
};

export const MEMBER_SORTS = ['email', 'role', 'invitedAt'] as const;

const memberContent = { schema: memberSchema, example: member };

const listing = {
  method: 'GET',
  tag: 'Members',
  summary: 'List the members',
  description: 'Who may sign in to the portal for the customer.',
  query: pageParameters(MEMBER_SORTS),
  answers: {
    200: {
      description: 'One page of the members.',
      content: { schema: pageSchema(memberSchema), example: { items: [member] } },
    },
  },
} as const satisfies Partial<Operation>;

const putting = {
  method: 'PUT',
  tag: 'Members',
  summary: 'Invite a member, or change its role or language',
  description:
    'A new member gets an invitation by e-mail; `invitation` says what became of it. At most 200 members and 50 invitations a day. The same request again changes nothing.',
  body: { schema: memberBodySchema, example: { role: 'viewer', language: 'de' } },
  answers: {
    200: { description: 'The member, who was one before.', content: memberContent },
    201: { description: 'The new member.', content: memberContent },
  },
} as const satisfies Partial<Operation>;

const removing = {
  method: 'DELETE',
  tag: 'Members',
  summary: 'Remove a member',
  description: 'It gets no new token; those that it has end within 15 minutes.',
  answers: { 204: { description: 'It is a member no more.' } },
} as const satisfies Partial<Operation>;

/** What a customer's people ask about themselves, who they are and whom e-mails go to. */
export const accountOperations = [
  {
    id: 'showMe',
    method: 'GET',
    path: '/v1/customer/me',
    audience: 'customer',
    tag: 'Members',
    summary: 'Show for whom the token acts',
    answers: {
      200: {
        description: 'The customer and the role of the token.',
        content: {
          schema: meSchema,
          example: {
            customer: { id: 'acme', name: 'Acme Print' },
            role: 'manager',
            email: 'ops@acme.example',
          },
        },
      },
    },
    problems: ['token-incomplete'],
  },
  {
    id: 'showMemberships',
    method: 'GET',
    path: '/v1/customer/memberships',
    audience: 'customer',
    tag: 'Members',
    summary: 'Show for whom you may act',
    description:
      'All customers that have invited the address of the token, the first invitation first. Where another issuer makes the tokens, that of the token alone.',
    answers: { 200: { description: 'The memberships.', content: membershipsContent } },
    problems: ['token-incomplete'],
  },
  {
    id: 'chooseMembership',
    method: 'PUT',
    path: '/v1/customer/memberships',
    audience: 'customer',
    tag: 'Members',
    summary: 'Choose for whom you act',
    description:
      'From the next token on: refresh the tokens after it. Only customers that have invited you can be chosen.',
    body: { schema: chosenMembershipSchema, example: { actFor: 'acme' } },
    answers: { 200: { description: 'The memberships, as they are now.', content: membershipsContent } },
    problems: ['token-incomplete', 'body-invalid', 'body-too-large', 'customer-not-found'],
  },
  {
    ...listing,
    id: 'listMembers',
    path: '/v1/customer/members',
    audience: 'customer',
    problems: ['token-incomplete', 'query-invalid'],
  },
  {
    ...putting,
    id: 'putMember',
    path: '/v1/customer/members/{email}',
    audience: 'customer',
    role: 'manager',
    pathParameters: { email: EMAIL },
    problems: [
      'token-incomplete',
      'role-insufficient',
      'body-invalid',
      'body-too-large',
      'last-manager',
      'member-limit',
    ],
  },
  {
    ...removing,
    id: 'removeMember',
    path: '/v1/customer/members/{email}',
    audience: 'customer',
    role: 'manager',
    pathParameters: { email: EMAIL },
    problems: ['token-incomplete', 'role-insufficient', 'member-not-found', 'last-manager'],
  },
  {
    id: 'showContacts',
    method: 'GET',
    path: '/v1/customer/contacts',
    audience: 'customer',
    tag: 'Contacts',
    summary: 'Show the contacts and what they get',
    description:
      'The contacts that count: those that the vendor named, as the customer has changed them. `muted` are kinds that a contact stopped itself by the link in its e-mails.',
    answers: {
      200: { description: 'All contacts.', content: { schema: contactsSchema, example: seenContacts } },
    },
    problems: ['token-incomplete'],
  },
  {
    id: 'putContacts',
    method: 'PUT',
    path: '/v1/customer/contacts',
    audience: 'customer',
    role: 'manager',
    tag: 'Contacts',
    summary: 'Say who the contacts are and what they get',
    description:
      'The whole list, with the `version` that was read. What differs from the document of the vendor is kept and survives its next one. A `muted` list that leaves a kind out takes that mute back.',
    body: {
      schema: wantedContactsSchema,
      example: { version: seenContacts.version, contacts: [contact], offlineAfterHours: 120 },
    },
    answers: {
      200: {
        description: 'All contacts, as they count now.',
        content: { schema: contactsSchema, example: seenContacts },
      },
    },
    problems: ['token-incomplete', 'role-insufficient', 'body-invalid', 'body-too-large', 'version-outdated'],
  },
] as const satisfies readonly Operation[];

/** The same members, for the vendor's support: such as where the only manager has left. */
export const memberOperations = [
  {
    ...listing,
    id: 'listMembersOfCustomer',
    path: '/v1/customers/{customerId}/members',
    audience: 'vendor',
    pathParameters: { customerId: CUSTOMER_ID },
    problems: ['customer-not-found', 'query-invalid'],
  },
  {
    ...putting,
    id: 'putMemberOfCustomer',
    path: '/v1/customers/{customerId}/members/{email}',
    audience: 'vendor',
    pathParameters: { customerId: CUSTOMER_ID, email: EMAIL },
    problems: ['customer-not-found', 'body-invalid', 'body-too-large', 'last-manager', 'member-limit'],
  },
  {
    ...removing,
    id: 'removeMemberOfCustomer',
    path: '/v1/customers/{customerId}/members/{email}',
    audience: 'vendor',
    pathParameters: { customerId: CUSTOMER_ID, email: EMAIL },
    problems: ['customer-not-found', 'member-not-found', 'last-manager'],
  },
] as const satisfies readonly Operation[];
