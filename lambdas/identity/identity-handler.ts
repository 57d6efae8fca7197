import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Observability } from '../adapters/observability.ts';
import { isId } from '../core/fields.ts';
import { memberAddress } from '../core/members/member.ts';
import type { Memberships } from '../core/members/member-ports.ts';
import { membershipOf, type Membership } from '../core/members/sign-in.ts';

export interface IdentityHandlerDependencies {
  readonly members: Memberships;
  readonly observability: Observability;
}

/** Cognito shows the message on its page, so it is for people and says nothing about faults of ours. */
class Refused extends Error {
  override readonly name = 'Refused';
}

const eventSchema = z.object({
  triggerSource: z.string(),
  version: z.string(),
  request: z.object({
    userAttributes: z.object({ email: z.optional(z.string()), email_verified: z.optional(z.string()) }),
    clientMetadata: z.nullish(z.record(z.string(), z.string())),
  }),
});

type ReadEvent = z.infer<typeof eventSchema>;

/**
 * What Cognito asks: for whom somebody who has signed in acts. Logs hold no address.
 * @throws {Error} with a message for people where the answer is no: Cognito knows no other way.
 */
export function createHandler({ members, observability: { logger } }: IdentityHandlerDependencies) {
  return async (event: PreTokenGenerationV2TriggerEvent): Promise<PreTokenGenerationV2TriggerEvent> => {
    try {
      return await answer(members, event);
    } catch (fault) {
      if (fault instanceof Refused) {
        logger.info('identity-refused', { trigger: event.triggerSource, reason: fault.message });
        throw fault;
      }
      const name = fault instanceof Error ? fault.name : typeof fault;
      logger.error('identity-fault', { trigger: event.triggerSource, cause: name });
      throw new Error('Signing in does not work at the moment. Try again in a minute.', { cause: fault });
    }
  };
}

async function answer(
  members: Memberships,
  event: PreTokenGenerationV2TriggerEvent,
): Promise<PreTokenGenerationV2TriggerEvent> {
  const read = eventSchema.parse(event);
  const { triggerSource } = read;
  if (!triggerSource.startsWith('TokenGeneration_')) throw new Error(`Not for ${triggerSource.slice(0, 64)}`);
  // The first version cannot change access tokens, which are what the API takes.
  if (read.version === '1') throw new Error('The trigger is set up for the first version of the event');
  // An address is who somebody is here; one that was typed but not proven is anybody's.
  if (read.request.userAttributes.email_verified !== 'true') {
    throw new Refused('This address is not confirmed yet.');
  }
  const membership = await membershipIn(members, read);
  if (!membership) throw new Refused('This address is not a member of any customer.');
  return { ...event, response: { claimsAndScopeOverrideDetails: claimsOf(membership, read) } };
}

function membershipIn(members: Memberships, { request }: ReadEvent): Promise<Membership | undefined> {
  const email = memberAddress(request.userAttributes.email ?? '');
  const customer = request.clientMetadata?.['customer'];
  if (email === undefined || (customer !== undefined && !isId(customer))) return Promise.resolve(undefined);
  return membershipOf(members, email, customer);
}

function claimsOf({ customerId, role }: Membership, { request }: ReadEvent) {
  const claims = { customer: customerId, role };
  const email = memberAddress(request.userAttributes.email ?? '');
  return {
    idTokenGeneration: { claimsToAddOrOverride: claims },
    // Access tokens carry no address of their own; receipts and invitations name who acted.
    accessTokenGeneration: {
      claimsToAddOrOverride: { ...claims, ...(email === undefined ? {} : { email }) },
    },
  };
}
