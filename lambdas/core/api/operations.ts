import { accountOperations, memberOperations } from './account-operations.ts';
import { distributionOperations } from './distribution-operations.ts';
import { hostsOperations } from './hosts-operations.ts';
import type { Operation } from './operation.ts';
import { overviewOperations } from './overview-operations.ts';
import {
  keysOperation,
  muteOperations,
  pingOperation,
  publishedOperations,
  renewalOperation,
} from './public-operations.ts';
import { renewalsOperations } from './renewals-operations.ts';
import { contractsOperations, customersOperations, licensesOperations } from './vendor-operations.ts';

/** Every route of the API, in the order of its description. */
export const operations: readonly Operation[] = [
  renewalOperation,
  ...customersOperations,
  ...contractsOperations,
  ...licensesOperations,
  ...hostsOperations,
  ...overviewOperations,
  ...renewalsOperations,
  ...distributionOperations,
  ...accountOperations,
  ...memberOperations,
  ...muteOperations,
  keysOperation,
  pingOperation,
  ...publishedOperations,
];

/** What API Gateway calls a route. */
export const routeKeyOf = ({ method, path }: Operation): string => `${method} ${path}`;
