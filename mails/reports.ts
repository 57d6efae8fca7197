import type { Language } from '../lambdas/core/alerts/kinds.ts';
import { DAY, HOUR } from '../lambdas/core/instant.ts';
import { composeReport, type ReportMailing } from '../lambdas/core/mail/report/compose-report.ts';
import type { MailContent } from '../lambdas/core/mail/mail.ts';
import type { Coming } from '../lambdas/core/report/coming.ts';
import {
  isTrouble,
  type HealthReport,
  type HostHealth,
  type InstallationReport,
  type ReportedHost,
} from '../lambdas/core/report/health-report.ts';
import { reportPeriod } from '../lambdas/core/report/report-period.ts';
import { CODES, NOW, offlineSubject, times } from './subjects.ts';

/** A report that is read on Tuesday, 24 Nov 2026, about the seven days before. */
export const WEEK = reportPeriod({ every: 'week', on: 'tuesday', hour: 8 }, 'Europe/Berlin', NOW);

const NO_HOSTS: HealthReport['hosts'] = {
  healthy: 0,
  'in-grace': 0,
  offline: 0,
  failing: 0,
  expiring: 0,
  'not-installed': 0,
  'not-entitled': 0,
};

const SEEN_DAYS: Partial<Record<HostHealth, number>> = { offline: 5, failing: 1, expiring: 21 };

export function reportedHost(health: HostHealth, index = 0, hostile = false): ReportedHost {
  const { licenseId, product, installation, host } = offlineSubject('silent', index, hostile);
  const lastSeenAt = NOW - (SEEN_DAYS[health] ?? 0) * DAY - index * 90 - HOUR;
  return {
    ...{ licenseId, product, installation, health, lastSeenAt, expiresAt: lastSeenAt + 35 * DAY },
    ...(host ? { host } : {}),
    ...(health === 'failing' ? { code: CODES[index % CODES.length] ?? CODES[0] } : {}),
  };
}

export const installationReport = (
  index = 0,
  given: Partial<InstallationReport> = {},
): InstallationReport => ({
  product: index % 3 === 2 ? 'TWIST' : 'ES',
  installation: index === 0 ? 'main' : `site-${index + 1}`,
  contracts: [{ id: `c-${1001 + index}`, reference: `PO ${4711 + index}` }],
  hosts: { ordered: 12, licensed: 12 },
  options: [
    { option: 'hardworker', pool: 0, everyHost: 1, delivered: 12 },
    { option: 'render-engine', pool: 48, everyHost: 0, delivered: 48 },
  ],
  behind: [],
  ...given,
});

/** A report with the counts that its hosts give. */
export function reportOf(
  healthy: number,
  others: readonly ReportedHost[] = [],
  given: Partial<HealthReport> = {},
): HealthReport {
  const hosts = { ...NO_HOSTS, healthy };
  for (const { health } of others) hosts[health] += 1;
  return {
    hosts,
    troubled: others.filter(({ health }) => isTrouble(health)),
    renewals: 7 * (healthy + others.length),
    refusals: [],
    installations: [installationReport()],
    coming: [],
    ...given,
  };
}

/** What changes in the week that has begun, one of each kind. */
export function comingChanges(): Coming[] {
  const about = {
    product: 'ES',
    installation: 'main',
    contract: { id: 'c-1001', reference: 'PO 4711' },
    timeZone: 'Europe/Berlin',
  };
  const engines = { option: 'render-engine', scope: 'pool', quantity: 4 } as const;
  const midnight = (days: number) => WEEK.until + days * DAY;
  return [
    { kind: 'option-starts', ...about, ...engines, at: midnight(1) },
    { kind: 'option-ends', ...about, ...engines, scope: 'every-host', at: midnight(2) },
    {
      kind: 'contract-ends',
      ...about,
      at: midnight(4),
      hosts: 12,
      continues: false,
      graceUntil: midnight(18),
    },
    {
      kind: 'contract-ends',
      ...about,
      contract: { id: 'c-1002', reference: 'PO 4712' },
      installation: 'west',
      at: midnight(5),
      hosts: 3,
      continues: true,
    },
    {
      kind: 'contract-starts',
      ...about,
      contract: { id: 'c-1003', reference: 'PO 4713' },
      installation: 'west',
      at: midnight(5),
      hosts: 5,
      continues: true,
    },
    {
      kind: 'grace-ends',
      ...about,
      contract: { id: 'c-0999' },
      installation: 'lab',
      at: midnight(6),
      hosts: 1,
      continues: false,
    },
  ];
}

const troubledHosts = (count: number): ReportedHost[] =>
  times(count, (index) =>
    reportedHost((['failing', 'offline', 'expiring'] as const)[index % 3] ?? 'offline', index),
  );

const REFUSALS = [
  { code: 'contract-suspended', count: 14 },
  { code: 'host-mismatch', count: 3 },
  { code: 'license-revoked', count: 1 },
] as const;

/** Reports that can be looked at, by the name of the sample. */
const REPORTS: Readonly<Record<string, HealthReport>> = {
  'healthy-1': reportOf(1, [], { renewals: 7 }),
  'healthy-12': reportOf(12),
  none: reportOf(0, [], { renewals: 0, installations: [] }),
  ending: reportOf(12, [], { coming: comingChanges() }),
  'in-grace': reportOf(
    0,
    times(12, (index) => reportedHost('in-grace', index)),
    {
      installations: [
        installationReport(0, { grace: { until: WEEK.until + 11 * DAY, timeZone: 'Europe/Berlin' } }),
      ],
    },
  ),
  suspended: reportOf(
    0,
    times(3, (index) => reportedHost('not-entitled', index)),
    {
      renewals: 4,
      refusals: [REFUSALS[0]],
      installations: [installationReport(0, { contracts: [], options: [] })],
    },
  ),
  'trouble-3': reportOf(
    8,
    [...troubledHosts(3), reportedHost('not-installed', 5), reportedHost('not-entitled', 6)],
    {
      refusals: REFUSALS,
      installations: [installationReport(0, { behind: [reportedHost('offline', 1)] }), installationReport(1)],
      coming: comingChanges(),
    },
  ),
  many: reportOf(4_750, troubledHosts(250), {
    refusals: REFUSALS,
    installations: times(60, (index) =>
      installationReport(index, { behind: times(4, (host) => reportedHost('healthy', 4 * index + host)) }),
    ),
    coming: times(60, (index) => comingChanges()[index % 6]).flatMap((change) => change ?? []),
  }),
  hostile: reportOf(
    3,
    times(5, (index) => reportedHost('offline', index, true)),
  ),
};

const CUSTOMER = { customerId: 'acme', name: 'Acme Print' };

interface ReportSample {
  readonly name: string;
  readonly compose: (language: Language) => MailContent;
}

const reportSample = (
  name: string,
  report: HealthReport,
  given: Partial<ReportMailing> & { readonly portalUrl?: string } = {},
): ReportSample => ({
  name,
  compose: (language) => {
    const { portalUrl, ...mailing } = given;
    return composeReport(
      { customer: CUSTOMER, report, period: WEEK, every: 'week', ...mailing },
      { language, timeZone: 'Europe/Berlin' },
      { now: NOW, ...(portalUrl === undefined ? {} : { portalUrl }) },
    );
  },
});

/** Reports to look at, in every size and for every reason. */
export const reportSamples = (portalUrl: string): ReportSample[] => [
  ...Object.entries(REPORTS).map(([name, report]) => reportSample(`report-${name}`, report, { portalUrl })),
  reportSample('report-without-portal', REPORTS['trouble-3'] ?? reportOf(1)),
];
