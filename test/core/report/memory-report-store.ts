import type { Installation } from '../../../lambdas/core/installation.ts';
import type { LicenseClaims } from '../../../lambdas/core/license-file.ts';
import type { License } from '../../../lambdas/core/license.ts';
import type { ReportStore } from '../../../lambdas/core/report/health-facts.ts';

/** What a report reads, in memory; counts the files that were read. */
export class MemoryReportStore implements ReportStore {
  installations: readonly Installation[] = [];
  licenses: readonly License[] = [];
  /** In the order in which they were issued. */
  readonly files = new Map<string, readonly LicenseClaims[]>();
  /** By license; `<day> <code>` and how often. */
  readonly refusals = new Map<string, Readonly<Record<string, number>>>();
  filesRead = 0;

  readInstallations(customerId: string): Promise<readonly Installation[]> {
    return Promise.resolve(this.installations.filter((one) => one.customerId === customerId));
  }

  readLicenses(licenseIds: readonly string[]): Promise<readonly License[]> {
    return Promise.resolve(this.licenses.filter(({ licenseId }) => licenseIds.includes(licenseId)).reverse());
  }

  async *issuedFiles(licenseId: string): AsyncGenerator<LicenseClaims, void> {
    for (const claims of [...(this.files.get(licenseId) ?? [])].reverse()) {
      this.filesRead += 1;
      yield await Promise.resolve(claims);
    }
  }

  countRefusals(licenseId: string, firstDay: string, lastDay: string): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const [key, count] of Object.entries(this.refusals.get(licenseId) ?? {})) {
      const [day = '', code = ''] = key.split(' ');
      if (firstDay <= day && day <= lastDay) counts.set(code, (counts.get(code) ?? 0) + count);
    }
    return Promise.resolve(counts);
  }
}
