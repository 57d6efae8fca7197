import * as z from 'zod/mini';
import { isId } from '../core/fields.ts';
import { Problem } from '../core/problem.ts';
import type { Request } from './http.ts';

/** Somebody of a customer, as the token says that the gateway has checked. */
export interface Member {
  readonly customerId: string;
  readonly role: 'viewer' | 'manager';
  /** The issuer's id of the person. */
  readonly subject: string;
  /** Where the token names one. */
  readonly email?: string;
}

// Issuers other than our own may call them otherwise: then the stack names them to every function.
const CUSTOMER_CLAIM = process.env['CUSTOMER_CLAIM'] ?? 'customer';
const ROLE_CLAIM = process.env['ROLE_CLAIM'] ?? 'role';

/** What the JWT authorizer of the gateway adds to an event: every claim as text. */
const authorizedSchema = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) }),
});

const memberSchema = z.object({
  customerId: z.string().check(z.refine(isId)),
  role: z.enum(['viewer', 'manager']),
  subject: z.string().check(z.minLength(1), z.maxLength(255)),
  email: z.optional(z.string().check(z.maxLength(320))),
});

/**
 * Who calls. The customer always comes from the token, never from the path, a query or a body.
 * @throws {Problem} `token-incomplete`
 */
export function memberOf(event: Request): Member {
  const authorized = authorizedSchema.safeParse(event.requestContext);
  const claims = authorized.data?.authorizer.jwt.claims ?? {};
  const parsed = memberSchema.safeParse({
    customerId: claims[CUSTOMER_CLAIM],
    role: claims[ROLE_CLAIM],
    subject: claims['sub'],
    email: claims['email'],
  });
  if (!parsed.success) throw new Problem('token-incomplete');
  // An id token tells a page who has signed in; it is not made to be sent to an API. Only Cognito marks the two.
  if ((claims['token_use'] ?? 'access') !== 'access')
    throw new Problem('token-incomplete', { detail: 'Send the access token, not the id token.' });
  const { email, ...member } = parsed.data;
  return { ...member, ...(email === undefined ? {} : { email }) };
}

/**
 * Who calls, where only managers may.
 * @throws {Problem} `token-incomplete`, `role-insufficient`
 */
export function managerOf(event: Request): Member {
  const member = memberOf(event);
  if (member.role !== 'manager') throw new Problem('role-insufficient');
  return member;
}
