import type { StageConfig } from '../config.ts';
import type { CustomerAuthorizer } from './customer-authorizer.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingFunction } from './licensing-function.ts';
import type { Mail } from './mail.ts';

export interface OrderTaking {
  readonly customers: CustomerAuthorizer;
  readonly tables: LicenseTables;
  readonly mail: Mail;
}

/** Lets a function take orders, and do all that follows from them; returns its environment for it. */
export const grantTakeOrders = (
  grantee: LicensingFunction,
  config: StageConfig,
  { customers, tables, mail }: OrderTaking,
) => ({
  ...tables.customers.grantRead(grantee),
  ...tables.contracts.grantOrder(grantee),
  ...tables.installations.grantRewrite(grantee),
  ...tables.members.grantInvite(grantee),
  ...customers.grantCreateAccounts(grantee),
  ...tables.licenses.grantRead(grantee),
  ...tables.episodes.grantTell(grantee),
  ...tables.recipients.grantRead(grantee),
  ...mail.grantSend(grantee),
  VALIDITY_DAYS: String(config.validityDays),
  GRACE_DAYS: String(config.graceDays),
  RENEW_EVERY_SECONDS: String(config.renewEverySeconds),
});
