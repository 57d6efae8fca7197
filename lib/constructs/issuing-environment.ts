import { renewalOperation } from '../../lambdas/core/api/public-operations.ts';
import type { StageConfig } from '../config.ts';
import type { LicensingApi } from './licensing-api.ts';

/** What every function that issues license files is told about them. */
export const issuingEnvironment = (config: StageConfig, api: LicensingApi) => ({
  ISSUER: config.issuer,
  RENEWAL_URL: api.url(renewalOperation.path),
  VALIDITY_DAYS: String(config.validityDays),
  GRACE_DAYS: String(config.graceDays),
  RENEW_EVERY_SECONDS: String(config.renewEverySeconds),
  RETENTION_DAYS: String(config.retentionDays),
});
