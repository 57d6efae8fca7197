import type { AlertDependencies } from '../../lambdas/core/alerts/mail-customer.ts';
import { endingStanding } from '../../lambdas/core/alerts/ending-standing.ts';
import type { EpisodeKey } from '../../lambdas/core/alerts/episode.ts';
import type { AlertKind } from '../../lambdas/core/alerts/kinds.ts';
import { licenseStanding } from '../../lambdas/core/alerts/license-standing.ts';
import type { AlertLimits } from '../../lambdas/core/alerts/limits.ts';
import type { ScanPage, ScanSubjects } from '../../lambdas/core/alerts/ports.ts';
import { runScan, type ScanReport } from '../../lambdas/core/alerts/run-scan.ts';
import { SilenceSample } from '../../lambdas/core/alerts/silence-sample.ts';
import type { Standing } from '../../lambdas/core/alerts/standing.ts';
import type { Contract } from '../../lambdas/core/contract.ts';
import type { Contact, Customer } from '../../lambdas/core/customer.ts';
import { entitlementAt, expiryOf } from '../../lambdas/core/entitlement.ts';
import { DAY, type Instant } from '../../lambdas/core/instant.ts';
import type { Installation } from '../../lambdas/core/installation.ts';
import type { License } from '../../lambdas/core/license.ts';
import { MailRejected, type Mail } from '../../lambdas/core/mail/mail.ts';
import { unite } from '../../lambdas/core/united-contracts.ts';
import { anOrderedContract } from '../builders/contract-document.ts';
import { DEFAULTS } from '../builders/installation.ts';
import { LIMITS } from '../builders/limits.ts';
import {
  Crash,
  CrashPlan,
  MemoryClaims,
  MemoryCustomers,
  MemoryEpisodes,
  MemoryRecipients,
  MemoryScans,
} from './memory-stores.ts';

export const VENDOR = 'operations@vendor.example';

const SCANS = {
  failed: 'scan-failed-renewals',
  offline: 'scan-offline-hosts',
  expiring: 'scan-expiring-licenses',
  ending: 'scan-ending-contracts',
} as const satisfies Record<AlertKind, string>;

export const KINDS = ['failed', 'offline', 'expiring', 'ending'] as const;

/** A mail as it was sent. */
export interface SentMail extends Mail {
  readonly at: Instant;
  readonly kind: string;
}

/**
 * A fleet and the scans that watch it, in memory: the real rules and the real two passes over stores with the conditions of
 * the real ones. Time stands still unless it is moved.
 */
export class Fleet {
  now: Instant;
  readonly licenses = new Map<string, License>();
  readonly installations = new Map<string, Installation>();
  readonly mails: SentMail[] = [];
  readonly crash = new CrashPlan();
  readonly episodes = new MemoryEpisodes();
  readonly claims = new MemoryClaims();
  readonly scans = new MemoryScans();
  readonly customers = new MemoryCustomers();
  readonly recipients = new MemoryRecipients();
  /** Licenses of which the stored item is damaged. */
  readonly damaged = new Set<string>();
  /** Addresses that the mail service does not take, for good or for now. */
  readonly refused = new Set<string>();
  readonly throttled = new Set<string>();
  /** Faults that runs reported. */
  readonly faults: Readonly<Record<string, string>>[] = [];
  dailyLimit = 1_000;
  private tokens = 0;

  constructor(now: Instant) {
    this.now = now;
  }

  customer(customerId: string, given: Partial<Customer> = {}): void {
    const customer = { customerId, name: `Customer ${customerId}`, contacts: [aContact()], ...given };
    this.customers.items.set(customerId, { customer, mutes: new Set() });
  }

  /** Contracts of the installation `main` of product ES. */
  order(customerId: string, ...contracts: Contract[]): void {
    const before = this.installations.get(customerId);
    this.installations.set(customerId, {
      customerId,
      product: 'ES',
      installation: 'main',
      customerName: customerId,
      version: (before?.version ?? 0) + 1,
      contracts: unite(contracts, this.now),
      licenses: [],
    });
  }

  /** A customer with one contract of two years and so many hosts, which have just renewed. */
  install(customerId: string, hosts = 1, contract: Contract = anOrderedContract('c-1')): string[] {
    this.customer(customerId);
    this.order(customerId, contract);
    return Array.from({ length: hosts }, (_, index) => {
      const licenseId = `${customerId}-${String(index).padStart(4, '0')}`;
      this.licenses.set(licenseId, {
        licenseId,
        customerId,
        product: 'ES',
        installation: 'main',
        version: 1,
        state: 'active',
        createdAt: this.now,
        host: { id: `H-${licenseId}`, name: `rip-${licenseId}` },
        formerHosts: [],
        seq: 0,
      });
      this.renew(licenseId);
      return licenseId;
    });
  }

  /** What a renewal leaves in a license: a new file, or a refusal. */
  renew(licenseId: string): 'renewed' | 'refused' {
    const license = this.licenses.get(licenseId)!;
    const contracts = this.installations.get(license.customerId)?.contracts ?? [];
    const entitlement = entitlementAt(contracts, this.now, DEFAULTS);
    if (license.state === 'revoked') return this.refuse(licenseId, 'license-revoked');
    if (entitlement.kind === 'none') return this.refuse(licenseId, entitlement.code);
    const { failingSince, refusalsInRow, lastRefusal, ...kept } = license;
    this.licenses.set(licenseId, {
      ...kept,
      seq: license.seq + 1,
      lastSeenAt: this.now,
      current: {
        serial: `${licenseId}-${license.seq + 1}`,
        issuedAt: this.now,
        expiresAt: expiryOf(entitlement, this.now),
        replacesSeq: license.seq,
        installationVersion: 1,
      },
    });
    return 'renewed';
  }

  refuse(licenseId: string, code: string): 'refused' {
    const license = this.licenses.get(licenseId)!;
    this.licenses.set(licenseId, {
      ...license,
      lastSeenAt: this.now,
      lastRefusal: code,
      failingSince: license.failingSince ?? this.now,
      refusalsInRow: (license.refusalsInRow ?? 0) + 1,
    });
    return 'refused';
  }

  renewAll(): void {
    for (const licenseId of this.licenses.keys()) this.renew(licenseId);
  }

  change(licenseId: string, given: Partial<License>): void {
    this.licenses.set(licenseId, { ...this.licenses.get(licenseId)!, ...given });
  }

  /** Every scan once; answers the mails that it made. */
  async scanAll(): Promise<SentMail[]> {
    const before = this.mails.length;
    for (const kind of KINDS) await this.scan(kind);
    return this.mails.slice(before);
  }

  /** One run of a scan. `pages`, `mails`: it has time for so many pages of the first pass, so many e-mails. */
  async scan(
    kind: AlertKind,
    options: { dryRun?: boolean; pages?: number; mails?: number } = {},
  ): Promise<ScanReport> {
    const sample = new SilenceSample();
    const mailsBefore = this.mails.length;
    let pages = 0;
    const dependencies: AlertDependencies<License | Installation> = {
      subjects: this.crash.through(this.subjectsOf(kind, sample, () => (pages += 1))),
      episodes: this.crash.through(this.episodes),
      claims: this.crash.through(this.claims),
      customers: this.crash.through(this.customers),
      recipients: this.crash.through(this.recipients),
      mailer: this.crash.through({
        send: (mail: Mail) => {
          if (this.refused.has(mail.to)) return Promise.reject(new MailRejected('MessageRejected'));
          if (this.throttled.has(mail.to)) return Promise.reject(new Error('Throttling'));
          this.mails.push({ ...mail, at: this.now, kind });
          return Promise.resolve();
        },
      }),
      muteUrlFor: ({ email }) => Promise.resolve(`https://licensing.vendor.example/v1/mute?token=${email}`),
      newToken: () => `token-${(this.tokens += 1)}`,
      settings: { limits: LIMITS, vendorAddress: VENDOR, dailyLimit: this.dailyLimit },
    };
    return runScan(
      {
        ...dependencies,
        scan: SCANS[kind],
        scans: this.crash.through(this.scans),
        sample,
        obeysHold: kind === 'offline' || kind === 'expiring',
        onFault: (_fault, about) => this.faults.push(about),
      },
      {
        now: this.now,
        leaseUntil: this.now + 900,
        hasTime: () =>
          pages < (options.pages ?? Number.POSITIVE_INFINITY) &&
          this.mails.length - mailsBefore < (options.mails ?? Number.POSITIVE_INFINITY),
        dryRun: options.dryRun ?? false,
      },
    );
  }

  /** A run that ends at its `call`-th call; false where it made fewer. */
  async scanCrashing(kind: AlertKind, call: number, when: 'before' | 'after'): Promise<boolean> {
    this.crash.arm(call, when);
    await this.scan(kind).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
    });
    const { crashed } = this.crash;
    this.crash.disarm();
    return crashed;
  }

  private subjectsOf(
    kind: AlertKind,
    sample: SilenceSample,
    onPage: () => void,
  ): ScanSubjects<License | Installation> {
    return kind === 'ending'
      ? new MemoryInstallationSubjects(this, onPage)
      : new MemoryLicenseSubjects(this, kind, sample, onPage);
  }
}

export const aContact = (given: Partial<Contact> = {}): Contact => ({
  email: 'ops@acme.example',
  language: 'en',
  timeZone: 'UTC',
  roles: ['technical', 'commercial'],
  ...given,
});

const PAGE = 7;

/** Every second item is in the second segment. */
function pageOf<Item>(items: readonly Item[], segment: number, cursor: string | undefined): ScanPage<Item> {
  const from = Number(cursor ?? 0);
  const own = items.filter((_, index) => index % 2 === segment);
  const suspects = own.slice(from, from + PAGE);
  return {
    suspects,
    read: suspects.length,
    ...(from + PAGE < own.length ? { next: String(from + PAGE) } : {}),
  };
}

class MemoryLicenseSubjects implements ScanSubjects<License | Installation> {
  readonly segments = 2;
  readonly kind: AlertKind;
  private readonly fleet: Fleet;
  private readonly sample: SilenceSample;
  private readonly onPage: () => void;

  constructor(fleet: Fleet, kind: AlertKind, sample: SilenceSample, onPage: () => void) {
    this.fleet = fleet;
    this.kind = kind;
    this.sample = sample;
    this.onPage = onPage;
  }

  page(segment: number, cursor: string | undefined): Promise<ScanPage<License>> {
    this.onPage();
    const page = pageOf([...this.fleet.licenses.values()], segment, cursor);
    for (const { customerId, lastSeenAt } of page.suspects) {
      if (lastSeenAt !== undefined) this.sample.observe(customerId, lastSeenAt);
    }
    return Promise.resolve(page);
  }

  keyOf(license: License | Installation): EpisodeKey {
    if (!('licenseId' in license)) throw new TypeError('Not a license');
    return { customerId: license.customerId, kind: this.kind, subjectId: license.licenseId };
  }

  standings(
    licenses: readonly (License | Installation)[],
    now: Instant,
    limitsOf: (customerId: string) => AlertLimits,
  ): Promise<readonly Standing[]> {
    return Promise.resolve(
      licenses.map((license) => {
        if (!('licenseId' in license)) throw new TypeError('Not a license');
        if (this.fleet.damaged.has(license.licenseId)) throw new TypeError('Damaged');
        const contracts = this.fleet.installations.get(license.customerId)?.contracts;
        return licenseStanding(license, contracts, now, limitsOf(license.customerId));
      }),
    );
  }

  reread(_customerId: string, ids: readonly string[]): Promise<readonly License[]> {
    return Promise.resolve(ids.flatMap((id) => this.fleet.licenses.get(id) ?? []));
  }
}

class MemoryInstallationSubjects implements ScanSubjects<License | Installation> {
  readonly kind = 'ending';
  readonly segments = 2;
  private readonly fleet: Fleet;
  private readonly onPage: () => void;

  constructor(fleet: Fleet, onPage: () => void) {
    this.fleet = fleet;
    this.onPage = onPage;
  }

  page(segment: number, cursor: string | undefined): Promise<ScanPage<Installation>> {
    this.onPage();
    return Promise.resolve(pageOf([...this.fleet.installations.values()], segment, cursor));
  }

  keyOf({ customerId }: License | Installation): EpisodeKey {
    return { customerId, kind: 'ending', subjectId: 'ES#main' };
  }

  standings(installations: readonly (License | Installation)[], now: Instant): Promise<readonly Standing[]> {
    return Promise.resolve(
      installations.map((one) => {
        if (!('contracts' in one)) throw new TypeError('Not an installation');
        return endingStanding(one, now, LIMITS);
      }),
    );
  }

  reread(customerId: string): Promise<readonly Installation[]> {
    return Promise.resolve(
      [...this.fleet.installations.values()].filter((one) => one.customerId === customerId),
    );
  }
}

/** A quarter of a day, the pause between two scans in these tests. */
export const STEP = DAY / 4;
