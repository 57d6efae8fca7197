import type { StageConfig } from '../config.ts';
import type { LicensingApi } from './licensing-api.ts';

export const RENEWAL_PATH = '/v1/licenses/renew';

/** What every function that issues license files is told about them. */
export const issuingEnvironment = (config: StageConfig, api: LicensingApi) => ({
  ISSUER: config.issuer,
  RENEWAL_URL: api.url(RENEWAL_PATH),
  VALIDITY_DAYS: String(config.validityDays),
  GRACE_DAYS: String(config.graceDays),
  RENEW_EVERY_SECONDS: String(config.renewEverySeconds),
  RETENTION_DAYS: String(config.retentionDays),
});
