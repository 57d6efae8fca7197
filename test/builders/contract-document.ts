import type { Contract, ContractDocument } from '../../lambdas/core/contract.ts';
import { NOW } from './instants.ts';

/** The document of a subscription for the years 2026 and 2027 with one pool of render engines. */
export const aContractDocument = (given: Partial<ContractDocument> = {}): ContractDocument => ({
  revision: 1,
  product: 'ES',
  kind: 'subscription',
  status: 'active',
  timeZone: 'Europe/Berlin',
  startsOn: '2026-01-01',
  endsOn: '2027-12-31',
  hosts: 3,
  lines: [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 }],
  ...given,
});

/** The same without a member, where its absence is what counts. */
export function withoutMember<Member extends keyof ContractDocument>(
  document: ContractDocument,
  member: Member,
): Omit<ContractDocument, Member> {
  const { [member]: left, ...rest } = document;
  return rest;
}

/** A stored contract; its document is given member by member. */
export function anOrderedContract(
  contractId: string,
  given: Partial<ContractDocument> = {},
  stored: Partial<Omit<Contract, 'document'>> = {},
): Contract {
  return { customerId: 'acme', contractId, document: aContractDocument(given), receivedAt: NOW, ...stored };
}
