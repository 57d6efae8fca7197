import { aContact } from '../builders/contacts.ts';
import type { World } from '../integration/world.ts';
import type { Intervention } from '../support/aws-proxy.ts';

export interface MemberView {
  readonly email: string;
  readonly role: string;
  readonly invitation: string;
}

export const mailServiceDown: Intervention = () =>
  Promise.resolve({
    status: 500,
    body: '<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>',
  });

let count = 0;
/** An address of its own, which no other test of the file with this name has. */
export const anAddress = (file: string): string => `${file}${(count += 1)}@acme.example`;

export const codeOf = ({ status, body }: { status: number; body: unknown }): string =>
  status < 400 ? String(status) : `${status} ${(body as { code: string }).code}`;

/** A customer with one manager, who was made by its first order. */
export async function aManagedCustomer(world: World, file: string, given: object = {}) {
  const manager = anAddress(file);
  const customerId = `${file}-${count}`;
  await world.accepted('PUT', `/v1/customers/${customerId}`, {
    name: 'Acme Print',
    contacts: [aContact(manager, { language: 'de' })],
    ...given,
  });
  await world.order(customerId, 'c-1');
  return {
    customerId,
    manager,
    asManager: world.asCustomer(customerId, 'manager', { email: manager }),
    asViewer: world.asCustomer(customerId, 'viewer'),
  };
}

export const listed = async (ask: ReturnType<World['asCustomer']>): Promise<MemberView[]> =>
  ((await ask('GET', '/v1/customer/members')).body as { items: MemberView[] }).items;
