import type { AlertKind, Language } from '../../../lambdas/core/alerts/kinds.ts';
import type { Notice, Subject } from '../../../lambdas/core/alerts/subjects.ts';
import { composeNotices, type MailContext } from '../../../lambdas/core/mail/compose-notices.ts';
import type { MailContent } from '../../../lambdas/core/mail/mail.ts';
import {
  endingNow,
  endingSubject,
  expiringSubject,
  failedSubject,
  NOW,
  offlineSubject,
  STEPS,
} from '../../../mails/subjects.ts';

export const PORTAL = 'https://portal.example';

interface Options extends Partial<MailContext> {
  language?: Language;
  timeZone?: string;
  name?: string;
}

/** The e-mail of some notices to a reader in Berlin. */
export function compose(notices: readonly Notice[], options: Options = {}): MailContent {
  const { language = 'en', timeZone = 'Europe/Berlin', name = 'Acme Print', now = NOW, ...context } = options;
  const kind = notices[0]?.subject.kind ?? 'offline';
  return composeNotices(
    { kind, customer: { customerId: 'acme', name }, notices },
    { language, timeZone },
    { now, ...context },
  );
}

export const opened = (...subjects: readonly Subject[]): Notice[] =>
  subjects.map((subject) => ({ notice: 'open', subject }));

export const reminded = (...subjects: readonly Subject[]): Notice[] =>
  subjects.map((subject) => ({ notice: 'remind', subject }));

export const recovered = (...subjects: readonly Subject[]): Notice[] =>
  subjects.map((subject) => ({ notice: 'recover', subject }));

/** A subject of every kind on every step, with the time at which it is due. */
export const everyStep: readonly {
  kind: AlertKind;
  step: string;
  now: number;
  at: (index: number) => Subject;
}[] = [
  ...STEPS.offline.map((step) => ({
    kind: 'offline' as const,
    step,
    now: NOW,
    at: (index: number) => offlineSubject(step, index),
  })),
  ...STEPS.failed.map((step) => ({
    kind: 'failed' as const,
    step,
    now: NOW,
    at: (index: number) => failedSubject(step, index),
  })),
  ...STEPS.expiring.map((step) => ({
    kind: 'expiring' as const,
    step,
    now: NOW,
    at: (index: number) => expiringSubject(step, index),
  })),
  ...STEPS.ending.map((step) => ({
    kind: 'ending' as const,
    step,
    now: endingNow(step),
    at: (index: number) => endingSubject(step, index),
  })),
];

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
};

/** What a reader sees of HTML, and the addresses of its links. */
export function seenOf(html: string): { words: string; links: string[] } {
  const body = html.slice(html.indexOf('<body'));
  const unescaped = (text: string) =>
    text.replace(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity);
  return {
    words: spaced(unescaped(body.replace(/<[^>]*>/g, ' '))),
    links: [...body.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => unescaped(link)),
  };
}

/** Text without its line breaks, which may come anywhere. */
export const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim();
