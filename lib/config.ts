import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { LEAST_OFFLINE_HOURS, MOST_OFFLINE_HOURS } from '../lambdas/core/alerts/silence-limits.ts';

const days = (least: number, most: number) => z.int().min(least).max(most);

/** Hours from one run of a scan to the next: at most a day, so that no day of a list of reminders is missed. */
const cadence = z.int().min(1).max(24);

const throttle = z
  .strictObject({
    /** Requests per second that may go on for ever. */
    rate: z.int().min(1).max(10_000),
    /** Requests that may come at once. */
    burst: z.int().min(1).max(5_000),
  })
  .readonly();

const claimName = z.string().regex(/^[\w:./-]{1,128}$/, 'must be the name of a claim');

/** An address of the portal: encrypted, unless it is on one's own machine. */
const portalAddress = z.string().refine(
  (text) => {
    const { protocol = '', hostname = '' } = URL.canParse(text) ? new URL(text) : {};
    return protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost');
  },
  { error: 'must be an https address, or one of http://localhost' },
);

/** Who says who a customer's people are, and for which customer they act. */
const identity = z.discriminatedUnion('kind', [
  /** A user pool of our own: people sign in with a code that they get by e-mail. */
  z
    .strictObject({
      kind: z.literal('cognito'),
      /** First part of the address of the sign-in page; nobody else in the region may have it. */
      domainPrefix: z
        .string()
        .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be letters, digits and hyphens in lower case')
        // Cognito refuses these words.
        .regex(/^(?!.*(?:aws|amazon|cognito))/, 'must not contain aws, amazon or cognito'),
      /** Pages of the portal to which the sign-in page may send people back. */
      callbackUrls: z.array(portalAddress).min(1).readonly(),
      /** Pages of the portal after signing out. */
      logoutUrls: z.array(portalAddress).min(1).readonly(),
      /**
       * Who sends the codes: the sender of `mail`, once its domain is verified; before that, Cognito in its own name and at
       * most 50 a day.
       */
      codesFrom: z.enum(['mail', 'cognito']).default('mail'),
    })
    .readonly(),
  /** Any other issuer of OpenID Connect, such as the vendor's own: docs/sign-in.md. */
  z
    .strictObject({
      kind: z.literal('issuer'),
      /** `iss` of its tokens, to the letter. */
      issuer: z.url({ protocol: /^https$/ }),
      /** What its tokens must name as `aud` or `client_id`, one of these. */
      audiences: z.array(z.string().min(1)).min(1).readonly(),
      /** Names of the claims with the customer's id and the role. */
      claims: z
        .strictObject({
          customer: claimName.default('customer'),
          role: claimName.default('role'),
        })
        .readonly()
        .default({ customer: 'customer', role: 'role' }),
    })
    .readonly(),
]);

const stage = z
  .strictObject({
    /** Region to deploy to, `eu-west-1`. Chosen here and not by credentials: the keys and the tables stay where they are. */
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be the code of a Region'),
    /** `iss` of every license file, an https address of the vendor. Irreversible: files in the field carry it. */
    issuer: z.url({ protocol: /^https$/ }),
    /** Page that explains the codes: the `type` of a problem is this address, `#` and the code. */
    documentationUrl: z.url({ protocol: /^https$/ }),
    /** Days a license file is valid from its issue, unless the contract says otherwise. */
    validityDays: days(1, 400),
    /** Days a host may go on after the end of its contracts, unless the contract says otherwise. */
    graceDays: days(0, 90),
    /** Seconds between two renewals of a host, unless the contract says otherwise. */
    renewEverySeconds: z.int().min(900).max(604_800),
    /** Days after which a starter file that was never installed lapses. */
    starterLapseDays: days(1, 400),
    /** How often a license may be transferred within 365 days; the vendor can allow more for single ones. */
    transferLimit: z.int().min(0).max(100).default(4),
    /** Days a renewal record is kept after the file in it has expired. It holds personal data: no longer than needed. */
    retentionDays: days(1, 3650),
    /** Days that logs are kept, one of the periods of CloudWatch Logs; never for ever. */
    logRetentionDays: z.enum(RetentionDays).exclude(['INFINITE']),
    /** What functions log at least. */
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
    /** Key that signs license files: ES256, or RS256 at a fifth of the price per signature. Irreversible per key. */
    signingKeySpec: z.enum(['ECC_NIST_P256', 'RSA_2048']),
    /**
     * Renewals in flight that are set aside for renewing, and the most there can be. Absent: what the account has left,
     * as new accounts with 10 in all cannot set any aside.
     */
    renewConcurrency: z.int().min(1).max(1_000).optional(),
    /** Limits of the gateway per route, shared by all callers; above them it answers 429 itself. */
    throttles: z
      .strictObject({
        /** Renewals. 116 per second are 10 million hosts a day; KMS signs 1,000 per second and account. */
        renew: throttle,
        /** Public keys. */
        keys: throttle,
        /** The fixed answer for firewall teams. */
        ping: throttle,
        /** Each route of the vendor's own systems. */
        vendor: throttle,
        /** Each route of the customers' people. */
        customer: throttle,
        /** The page on which a contact stops a kind of e-mail, and its button. */
        mute: throttle,
        /** Every path that does not exist. */
        notFound: throttle,
      })
      .readonly(),
    /** Who alerts come from, and how many a recipient gets. */
    mail: z
      .strictObject({
        /** Address of the sender. Its domain becomes an identity in SES: docs/mail-domain.md. */
        from: z.email(),
        /** Address for answers; absent: the sender. */
        replyTo: z.email().optional(),
        /** The vendor's own address: it gets what no contact of a customer can be reached for. */
        vendor: z.email(),
        /**
         * Public zone of Route 53 in which the domain of the sender lies; the stack writes the records of the domain there.
         * Absent: they are outputs, to be created by hand.
         */
        hostedZone: z
          .strictObject({
            /** `Z0123456789ABCDEFGHIJ`, as Route 53 shows it. */
            id: z.string().regex(/^Z[A-Z0-9]{1,31}$/, 'must be the id of a hosted zone'),
            /** `vendor.example`, without a dot at its end. */
            name: z.hostname().regex(/^[^.].*[^.]$/, 'must be a domain without a dot at its end'),
          })
          .readonly()
          .optional(),
        /** What receivers are asked to do with mail in the name of the domain that is not ours (DMARC). */
        dmarcPolicy: z.enum(['none', 'quarantine', 'reject']).default('quarantine'),
        /** E-mails about alerts that one address gets in a day (UTC); what is more waits for the next. */
        dailyLimitPerRecipient: z.int().min(1).max(100).default(10),
      })
      .readonly(),
    /** The customers' portal, to which e-mails link. Absent: they name the subjects and link to nothing. */
    portalUrl: z.url({ protocol: /^https$/ }).optional(),
    /** The customers' API, for the portal. */
    portal: z.strictObject({ identity }).readonly(),
    /** From when on something is worth an e-mail. */
    alerts: z
      .strictObject({
        /** Hours without a genuine attempt after which a host is offline; three intervals if that is longer. */
        offlineAfterHours: z.int().min(LEAST_OFFLINE_HOURS).max(MOST_OFFLINE_HOURS),
        /** Days before the expiry of a file that has not been renewed. */
        expiringWithinDays: days(1, 399),
        /** Days before the end of an installation's entitlement. */
        endingWithinDays: days(1, 365),
        /** Days before the end of a trial. */
        trialEndingWithinDays: days(1, 365),
        /** How often each scan runs, in hours. What a scan finds is late by as much at most. */
        cadence: z
          .strictObject({
            offlineHosts: cadence,
            failedRenewals: cadence,
            expiringLicenses: cadence,
            endingContracts: cadence,
          })
          .readonly(),
        /** Minutes over which the starts of a scan may be spread; 0: it starts on time. */
        flexibleMinutes: z.int().min(0).max(60).default(15),
      })
      .readonly(),
    /** What becomes of tables, keys and logs when the stack is deleted. */
    removal: z.enum(['destroy', 'retain']),
    /** Refuse to delete the stack and its tables. */
    deletionProtection: z.boolean(),
    /**
     * ARNs of the IAM roles or users that may become auditors, who alone read address and host of renewals. They are
     * trusted as they are: their own sign-in has to ask for a second factor. Absent: whoever the account allows, with MFA.
     */
    auditors: z
      .array(
        z.string().regex(/^arn:[\w-]+:iam::\d{12}:(role|user)\/.+$/, 'must be the ARN of a role or user'),
      )
      .min(1)
      .readonly()
      .optional(),
  })
  .readonly()
  .superRefine((config, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: path.split('.'), message });
    const validSeconds = config.validityDays * 86_400;

    // The slack between interval and validity is what an outage of the vendor may last without stopping a customer.
    if (3 * config.renewEverySeconds > validSeconds) {
      fault(
        'renewEverySeconds',
        'must be at most a third of validityDays, so that missed renewals do no harm',
      );
    }
    // A healthy host must never cause an e-mail: between two renewals its file comes this close to its expiry.
    if (config.alerts.expiringWithinDays * 86_400 >= validSeconds - config.renewEverySeconds) {
      fault('alerts.expiringWithinDays', 'must be less than validityDays minus one interval of renewal');
    }
    if (config.alerts.offlineAfterHours * 3_600 >= validSeconds) {
      fault('alerts.offlineAfterHours', 'must be less than validityDays: then the file has expired already');
    }
    if (config.alerts.trialEndingWithinDays > config.alerts.endingWithinDays) {
      fault('alerts.trialEndingWithinDays', 'must be at most endingWithinDays');
    }
    // A run that starts at the end of its window must not meet the next one.
    if (config.alerts.flexibleMinutes >= 60 * Math.min(...Object.values(config.alerts.cadence))) {
      fault('alerts.flexibleMinutes', 'must be less than the shortest cadence');
    }
    const { from, hostedZone } = config.mail;
    if (hostedZone && !`.${domainOf(from)}`.endsWith(`.${hostedZone.name.toLowerCase()}`)) {
      fault('mail.hostedZone.name', 'must be the domain of mail.from or one above it');
    }
    if (config.removal === 'destroy' && config.deletionProtection) {
      fault('deletionProtection', 'must be false where removal is destroy');
    }
  });

/** The domain of an address, in lower case. */
export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** What differs between stages, and what the vendor decides. */
export type StageConfig = z.infer<typeof stage>;

const stages = z.strictObject({
  /** One machine: the template that the local run serves. */
  local: stage,
  /** A place to try things in AWS. */
  dev: stage,
  /** The real thing. */
  prod: stage.superRefine((config, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (config.removal !== 'retain') fault('removal', 'must be retain in prod');
    if (!config.deletionProtection) fault('deletionProtection', 'must be true in prod');
  }),
});

export type StageConfigs = z.infer<typeof stages>;
export type StageName = keyof StageConfigs;

export const STAGE_NAMES = stages.keyof().options;

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Checks the configuration of all stages.
 * @throws {ConfigurationError} that lists every fault with its path.
 */
export function parseStages(candidate: unknown): StageConfigs {
  const parsed = stages.safeParse(candidate);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || '(all)'}: ${message}`);
  throw new ConfigurationError(`The stages in lib/config.ts are not valid:\n${faults.join('\n')}`);
}

const common = {
  region: 'eu-west-1',
  issuer: 'https://licensing.vendor.example',
  documentationUrl: 'https://licensing.vendor.example/problems',
  validityDays: 35,
  graceDays: 14,
  renewEverySeconds: 86_400,
  starterLapseDays: 30,
  retentionDays: 400,
  logLevel: 'INFO',
  signingKeySpec: 'ECC_NIST_P256',
  mail: { from: 'licensing@vendor.example', vendor: 'licensing-operations@vendor.example' },
  alerts: {
    offlineAfterHours: 96,
    expiringWithinDays: 15,
    endingWithinDays: 60,
    trialEndingWithinDays: 7,
    cadence: { offlineHosts: 6, failedRenewals: 1, expiringLicenses: 12, endingContracts: 12 },
  },
} as const;

const smallThrottles = {
  renew: { rate: 50, burst: 100 },
  keys: { rate: 20, burst: 40 },
  ping: { rate: 10, burst: 20 },
  vendor: { rate: 20, burst: 40 },
  customer: { rate: 20, burst: 40 },
  mute: { rate: 10, burst: 20 },
  notFound: { rate: 10, burst: 20 },
};

/** The stages of this deployment: the place to make it the vendor's own. */
const deployment: Record<StageName, z.input<typeof stage>> = {
  local: {
    ...common,
    issuer: 'https://licensing.local.example',
    logRetentionDays: RetentionDays.ONE_WEEK,
    renewConcurrency: 8,
    throttles: smallThrottles,
    // A name only: the local run issues these tokens itself.
    portal: {
      identity: {
        kind: 'issuer',
        issuer: 'https://oidc.local.example',
        audiences: ['licensing-portal'],
      },
    },
    alerts: {
      ...common.alerts,
      // When its clock is moved, the local run stops at every start of a scan: an hourly one would cost a year 8,760 runs.
      cadence: { offlineHosts: 12, failedRenewals: 6, expiringLicenses: 12, endingContracts: 12 },
    },
    removal: 'destroy',
    deletionProtection: false,
  },
  dev: {
    ...common,
    issuer: 'https://licensing.dev.vendor.example',
    logRetentionDays: RetentionDays.ONE_MONTH,
    throttles: smallThrottles,
    portal: {
      identity: {
        kind: 'cognito',
        domainPrefix: 'vendor-licensing-dev',
        codesFrom: 'cognito',
        callbackUrls: ['https://portal.dev.vendor.example/', 'http://localhost:5173/'],
        logoutUrls: ['https://portal.dev.vendor.example/', 'http://localhost:5173/'],
      },
    },
    removal: 'destroy',
    deletionProtection: false,
  },
  prod: {
    ...common,
    logRetentionDays: RetentionDays.THIRTEEN_MONTHS,
    throttles: {
      // Half of what KMS signs: other uses of the account's quota must not make renewals fail.
      renew: { rate: 500, burst: 1_000 },
      keys: { rate: 100, burst: 200 },
      ping: { rate: 50, burst: 100 },
      vendor: { rate: 50, burst: 100 },
      customer: { rate: 100, burst: 200 },
      mute: { rate: 10, burst: 20 },
      notFound: { rate: 20, burst: 40 },
    },
    portal: {
      identity: {
        kind: 'cognito',
        domainPrefix: 'vendor-licensing',
        callbackUrls: ['https://portal.vendor.example/'],
        logoutUrls: ['https://portal.vendor.example/'],
      },
    },
    removal: 'retain',
    deletionProtection: true,
  },
};

/**
 * The stages of this deployment, checked.
 * @throws {ConfigurationError} that lists every fault with its path.
 */
export const loadStages = (): StageConfigs => parseStages(deployment);

/**
 * The stage of that name.
 * @throws {ConfigurationError} if there is none.
 */
export function stageNamed(name: string): StageName {
  const stageName = STAGE_NAMES.find((known) => known === name);
  if (stageName) return stageName;
  throw new ConfigurationError(`There is no stage "${name}": it is one of ${STAGE_NAMES.join(', ')}`);
}
