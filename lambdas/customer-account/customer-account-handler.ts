import { managerOf, memberOf, type Member as Caller } from '../adapters/customer-request.ts';
import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { jsonBodyOf, pathId } from '../adapters/vendor-request.ts';
import { MEMBER_SORTS } from '../core/api/account-operations.ts';
import { pageFields, pageOf, parseQuery } from '../core/api/paging.ts';
import { bodyInvalid } from '../core/body.ts';
import { byAddress, customerInForce, versionOf, type CustomerLayers } from '../core/contacts-layer.ts';
import type { Customer } from '../core/customer.ts';
import { isoOf, type Instant } from '../core/instant.ts';
import { removeMember, saveMember } from '../core/members/keep-members.ts';
import {
  memberAddress,
  memberIn,
  parseChosenMembership,
  parseMember,
  type Member,
} from '../core/members/member.ts';
import type { MembershipChoices } from '../core/members/member-ports.ts';
import { sendInvitations, type InvitationDependencies } from '../core/members/send-invitations.ts';
import { chooseMembership, membershipsOf, notInvited } from '../core/members/sign-in.ts';
import { Problem, type ProblemCode } from '../core/problem.ts';
import {
  mutedKinds,
  parseWantedContacts,
  saveContacts,
  type ContactDependencies,
} from '../core/save-contacts.ts';
import * as z from 'zod/mini';

export interface CustomerAccountHandlerDependencies extends ContactDependencies, InvitationDependencies {
  readonly members: InvitationDependencies['members'] & MembershipChoices;
  /** Tokens are made from the memberships of a proven address; otherwise another issuer says who acts for whom. */
  readonly tokensFollowMembers: boolean;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

type Dependencies = CustomerAccountHandlerDependencies;

const memberQuery = z.strictObject(pageFields(MEMBER_SORTS));

/** Who the people of a customer are, and whom its e-mails go to: for themselves, and members for the vendor's support, too. */
export function createHandler(dependencies: CustomerAccountHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, async (event, now) => {
    switch (event.routeKey) {
      case 'GET /v1/customer/me':
        return showMe(dependencies, event);
      case 'GET /v1/customer/memberships':
        return showMemberships(dependencies, memberOf(event));
      case 'PUT /v1/customer/memberships':
        return putMembership(dependencies, event, memberOf(event));
      case 'GET /v1/customer/members':
        return listMembers(dependencies, event, await ownCustomer(dependencies, memberOf(event)));
      case 'PUT /v1/customer/members/{email}': {
        const { email, ...manager } = managerOf(event);
        return putMember(dependencies, event, await ownCustomer(dependencies, manager), email, now);
      }
      case 'DELETE /v1/customer/members/{email}':
        return deleteMember(dependencies, event, await ownCustomer(dependencies, managerOf(event)));
      case 'GET /v1/customer/contacts':
        return showContacts(dependencies, memberOf(event).customerId);
      case 'PUT /v1/customer/contacts':
        return putContacts(dependencies, event, managerOf(event).customerId);
      case 'GET /v1/customers/{customerId}/members':
        return listMembers(dependencies, event, await namedCustomer(dependencies, event));
      case 'PUT /v1/customers/{customerId}/members/{email}':
        return putMember(dependencies, event, await namedCustomer(dependencies, event), undefined, now);
      case 'DELETE /v1/customers/{customerId}/members/{email}':
        return deleteMember(dependencies, event, await namedCustomer(dependencies, event));
      default:
        throw new Problem('route-not-found');
    }
  });
}

const ownCustomer = (dependencies: Dependencies, { customerId }: { customerId: string }): Promise<Customer> =>
  knownCustomer(dependencies, customerId, 'token-incomplete');

const namedCustomer = (dependencies: Dependencies, event: Request): Promise<Customer> =>
  knownCustomer(dependencies, pathId(event, 'customerId', 'customer-not-found'), 'customer-not-found');

async function knownCustomer(
  { customers }: Dependencies,
  customerId: string,
  unknown: ProblemCode,
): Promise<Customer> {
  const customer = await customers.read(customerId);
  if (!customer) throw new Problem(unknown);
  return customer;
}

async function showMe(dependencies: Dependencies, event: Request): Promise<Response> {
  const { customerId, role, email } = memberOf(event);
  const { name } = await ownCustomer(dependencies, { customerId });
  return jsonResponse(200, {
    customer: { id: customerId, name },
    role,
    ...(email === undefined ? {} : { email }),
  });
}

async function showMemberships(dependencies: Dependencies, caller: Caller): Promise<Response> {
  const { customers } = dependencies;
  const address = provenAddress(dependencies, caller);
  const memberships =
    address === undefined
      ? [{ customerId: caller.customerId, role: caller.role, isChosen: true }]
      : await membershipsOf(dependencies.members, address);
  const views: object[] = [];
  for (const { customerId, role, isChosen } of memberships) {
    const customer = await customers.read(customerId);
    if (customer) views.push({ customer: { id: customerId, name: customer.name }, role, chosen: isChosen });
  }
  return jsonResponse(200, { memberships: views });
}

async function putMembership(dependencies: Dependencies, event: Request, caller: Caller): Promise<Response> {
  const { actFor } = parseChosenMembership(jsonBodyOf(event));
  const address = provenAddress(dependencies, caller);
  if (address !== undefined) await chooseMembership(dependencies.members, address, actFor);
  else if (actFor !== caller.customerId) throw notInvited();
  dependencies.observability.logger.info('membership-chosen', { customerId: actFor });
  return showMemberships(dependencies, caller);
}

/** What another issuer says of an address need not be proven, so nothing may be looked up by it. */
const provenAddress = ({ tokensFollowMembers }: Dependencies, { email }: Caller): string | undefined =>
  tokensFollowMembers && email !== undefined ? memberAddress(email) : undefined;

async function listMembers(
  { members }: Dependencies,
  event: Request,
  { customerId }: Customer,
): Promise<Response> {
  const query = parseQuery(memberQuery, event.queryStringParameters);
  const roster = await members.read(customerId);
  const page = pageOf(
    roster.members,
    query,
    (member, sort) => member[sort],
    ({ email }) => email,
  );
  return jsonResponse(200, { ...page, items: page.items.map(viewOf) });
}

async function putMember(
  dependencies: Dependencies,
  event: Request,
  customer: Customer,
  invitedBy: string | undefined,
  now: Instant,
): Promise<Response> {
  const email = memberAddress(event.pathParameters?.['email'] ?? '');
  if (email === undefined) {
    throw bodyInvalid([{ path: 'email', message: 'must be one plain e-mail address, in the path' }]);
  }
  const wanted = { ...parseMember(jsonBodyOf(event)), email, invitedBy };
  const saved = await saveMember(dependencies.members, customer, wanted, now);
  // Its own alone, and at once whoever began it: an invitation that nobody can send must not fail the request of somebody else.
  const own = saved.roster.members.filter((known) => known.email === email);
  const { roster, faults } = await sendInvitations(dependencies, customer, own);
  const { logger } = dependencies.observability;
  const { customerId } = customer;
  logger.info(`member-${saved.outcome}`, { customerId, role: wanted.role });
  // The member is there, and its invitation stays due: the same request sends it.
  if (faults.length > 0) throw new Problem('unavailable', { cause: faults[0] });
  // Removed by somebody else while the e-mail went out.
  const member = memberIn(roster ?? saved.roster, email) ?? memberIn(saved.roster, email);
  if (!member) throw new Problem('member-not-found');
  return jsonResponse(saved.outcome === 'invited' ? 201 : 200, viewOf(member));
}

async function deleteMember(
  dependencies: Dependencies,
  event: Request,
  { customerId }: Customer,
): Promise<Response> {
  const email = memberAddress(event.pathParameters?.['email'] ?? '');
  if (email === undefined) throw new Problem('member-not-found');
  await removeMember(dependencies, customerId, email);
  dependencies.observability.logger.info('member-removed', { customerId });
  return { statusCode: 204, headers: { 'cache-control': 'no-store' } };
}

async function showContacts({ customers }: Dependencies, customerId: string): Promise<Response> {
  const layers = await customers.readLayers(customerId);
  if (!layers) throw new Problem('token-incomplete');
  return jsonResponse(200, contactsIn(layers));
}

async function putContacts(
  dependencies: Dependencies,
  event: Request,
  customerId: string,
): Promise<Response> {
  const wanted = parseWantedContacts(jsonBodyOf(event));
  const layers = await saveContacts(dependencies, customerId, wanted);
  dependencies.observability.logger.info('contacts-saved', { customerId });
  return jsonResponse(200, contactsIn(layers));
}

/** Member by member: what is stored may hold more, of older versions. */
const viewOf = ({ email, role, language, invitedAt, invitedBy, invitation }: Member) => ({
  email,
  role,
  language,
  invitedAt: isoOf(invitedAt),
  ...(invitedBy === undefined ? {} : { invitedBy }),
  invitation,
});

function contactsIn(layers: CustomerLayers) {
  const { contacts, offlineAfterHours } = customerInForce(layers);
  return {
    version: versionOf(layers),
    contacts: [...byAddress(contacts).values()].map((contact) => ({
      ...contact,
      muted: mutedKinds(layers, contact.email),
    })),
    ...(offlineAfterHours === undefined ? {} : { offlineAfterHours }),
  };
}
