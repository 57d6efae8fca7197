import type { AlertKind, Language } from '../lambdas/core/alerts/kinds.ts';
import type { Notice, NoticeKind, Subject } from '../lambdas/core/alerts/subjects.ts';
import type { Instant } from '../lambdas/core/instant.ts';
import { composeNotices, type MailContext } from '../lambdas/core/mail/compose-notices.ts';
import type { MailContent } from '../lambdas/core/mail/mail.ts';
import { otherSamples } from './notices.ts';
import { reportSamples } from './reports.ts';
import {
  CODES,
  endingNow,
  endingSubject,
  expiringSubject,
  failedSubject,
  noticesOf,
  NOW,
  offlineSubject,
  STEPS,
  times,
} from './subjects.ts';

/** One e-mail that can be looked at, in any language. */
export interface Sample {
  /** Letters, digits and hyphens: the name of its files. */
  readonly name: string;
  readonly compose: (language: Language) => MailContent;
}

const SIZES = [1, 3, 250] as const;
const CUSTOMER = { customerId: 'acme', name: 'Acme Print' };
const CONTEXT = {
  portalUrl: 'https://licenses.example.com',
  muteUrl: 'https://api.example.com/v1/mute?token=eyJjdXN0b21lcklkIjoiYWNtZSJ9.c2lnbmF0dXJl',
};

function noticeSample(
  name: string,
  kind: AlertKind,
  notices: readonly Notice[],
  now: Instant = NOW,
  context: Omit<MailContext, 'now'> = CONTEXT,
): Sample {
  return {
    name,
    compose: (language) =>
      composeNotices(
        { kind, customer: CUSTOMER, notices },
        { language, timeZone: 'Europe/Berlin' },
        { ...context, now },
      ),
  };
}

/** A kind of e-mail at every step of its ladder: the first step is opened, the others are reminders. */
const ladder = <Step extends string>(
  kind: AlertKind,
  steps: readonly Step[],
  subjectOf: (step: Step, index: number) => Subject,
  nowOf: (step: Step) => Instant = () => NOW,
): Sample[] =>
  steps.flatMap((step, rung) =>
    SIZES.map((size) =>
      noticeSample(
        `${kind}-${step}-${size}`,
        kind,
        noticesOf(
          rung === 0 ? 'open' : 'remind',
          times(size, (index) => subjectOf(step, index)),
        ),
        nowOf(step),
      ),
    ),
  );

const recovered = (kind: AlertKind, subjectOf: (index: number) => Subject): Sample[] =>
  SIZES.map((size) => {
    const notices = noticesOf('recover', times(size, subjectOf));
    const extended = notices.map((notice) => ({ ...notice, nowEndsAt: Date.UTC(2027, 11, 31, 23) / 1000 }));
    return noticeSample(`${kind}-recovered-${size}`, kind, kind === 'ending' ? extended : notices);
  });

/** Opened, reminded and recovered in one e-mail. */
const mixed = (kind: AlertKind, subjectOf: (notice: NoticeKind, index: number) => Subject): Sample[] =>
  [5, 250].map((size) =>
    noticeSample(
      `${kind}-mixed-${size}`,
      kind,
      times(size, (index) => {
        const notice = (['open', 'remind', 'recover'] as const)[index % 3] ?? 'open';
        return { notice, subject: subjectOf(notice, index) };
      }),
    ),
  );

const soon = endingNow('30-days');

/** Every e-mail that can be looked at. */
export const samples: readonly Sample[] = [
  ...ladder('offline', STEPS.offline, offlineSubject),
  ...recovered('offline', (index) => offlineSubject('silent', index)),
  ...mixed('offline', (notice, index) =>
    offlineSubject(notice === 'open' ? 'silent' : index % 2 ? 'expired' : 'silent-10-days', index),
  ),
  ...ladder('failed', STEPS.failed, failedSubject),
  ...CODES.map((code) =>
    noticeSample(
      `failed-code-${code}`,
      'failed',
      noticesOf('open', [failedSubject('refused', 0, false, code)]),
    ),
  ),
  ...recovered('failed', (index) => failedSubject('week-1', index)),
  ...mixed('failed', (notice, index) =>
    failedSubject(notice === 'open' ? 'refused' : 'week-2', index, false, CODES[index % CODES.length]),
  ),
  ...ladder('expiring', STEPS.expiring, expiringSubject),
  ...SIZES.map((size) =>
    noticeSample(
      `expiring-manual-${size}`,
      'expiring',
      noticesOf(
        'open',
        times(size, (index) => expiringSubject('expiring', index, false, 'manual')),
      ),
    ),
  ),
  ...recovered('expiring', (index) => expiringSubject('7-days', index)),
  ...mixed('expiring', (notice, index) =>
    expiringSubject(notice === 'open' ? 'expiring' : '3-days', index, false, index % 2 ? 'manual' : 'online'),
  ),
  ...ladder('ending', STEPS.ending, endingSubject, endingNow),
  noticeSample(
    'ending-without-grace',
    'ending',
    noticesOf('remind', [endingSubject('30-days', 0, { graceUntil: endingSubject('ending').endsAt })]),
    soon,
  ),
  noticeSample(
    'ending-trial',
    'ending',
    noticesOf('open', [
      endingSubject('7-days', 0, { trial: true, graceUntil: endingSubject('ending').endsAt }),
    ]),
    endingNow('7-days'),
  ),
  noticeSample(
    'ending-gap',
    'ending',
    noticesOf('open', [endingSubject('30-days', 0, { nextStartsAt: Date.UTC(2027, 0, 31, 23) / 1000 })]),
    soon,
  ),
  noticeSample(
    'ending-over',
    'ending',
    noticesOf('remind', [endingSubject('ended', 0, { graceUntil: endingSubject('ending').endsAt })]),
    endingNow('ended'),
  ),
  ...recovered('ending', (index) => endingSubject('30-days', index)),
  ...mixed('ending', (_notice, index) => endingSubject('30-days', index)),
  noticeSample(
    'hostile-offline',
    'offline',
    noticesOf(
      'open',
      times(5, (index) => offlineSubject('silent', index, true)),
    ),
  ),
  noticeSample(
    'hostile-failed',
    'failed',
    noticesOf(
      'open',
      times(5, (index) => failedSubject('refused', index, true, '<b>\r\nBcc: x@evil.example')),
    ),
  ),
  noticeSample('vendor-offline', 'offline', noticesOf('open', [offlineSubject('silent')]), NOW, {
    vendorIsReader: true,
  }),
  noticeSample(
    'without-portal-expiring',
    'expiring',
    noticesOf('open', [expiringSubject('expiring')]),
    NOW,
    {},
  ),
  noticeSample(
    'without-portal-offline-250',
    'offline',
    noticesOf(
      'open',
      times(250, (index) => offlineSubject('silent', index)),
    ),
    NOW,
    {},
  ),
  ...reportSamples(CONTEXT.portalUrl),
  ...otherSamples,
];
