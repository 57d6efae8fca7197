import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT_KINDS, LANGUAGES } from '../../../lambdas/core/alerts/kinds.ts';
import type { Notice, Subject } from '../../../lambdas/core/alerts/subjects.ts';
import {
  endingSubject,
  expiringSubject,
  failedSubject,
  offlineSubject,
  STEPS,
  times,
} from '../../../mails/subjects.ts';
import { compose, opened, seenOf } from './compose.ts';
import { hostile, INVISIBLE, tagsOf } from './hostile-text.ts';

/** A subject with hostile text in every place that hosts, strangers or the vendor's ERP fill. */
const hostileNotice = fc
  .record({
    kind: fc.constantFrom(...ALERT_KINDS),
    notice: fc.constantFrom('open' as const, 'remind' as const, 'recover' as const),
    rung: fc.nat(3),
    name: hostile,
    id: hostile,
    code: fc.oneof(hostile, fc.constantFrom('__proto__', 'constructor', 'toString')),
    reference: hostile,
  })
  .map(({ kind, notice, rung, name, id, code, reference }): Notice => {
    const host = { id, name };
    const contracts = [{ id: 'c-1001', reference }];
    const subjects: Record<typeof kind, Subject> = {
      offline: { ...offlineSubject(STEPS.offline[rung] ?? 'silent'), host, contracts },
      failed: { ...failedSubject(STEPS.failed[rung] ?? 'refused', 0, false, code), host, contracts },
      expiring: { ...expiringSubject(STEPS.expiring[rung] ?? 'expiring'), host, contracts },
      ending: endingSubject(STEPS.ending[rung] ?? 'ending', 0, { contracts }),
    };
    return { notice, subject: subjects[kind] };
  });

describe('hostile text', () => {
  it('brings no markup, line, control or direction character into an e-mail', () => {
    fc.assert(
      fc.property(hostileNotice, hostile, fc.constantFrom(...LANGUAGES), (notice, name, language) => {
        const { subject, text, html } = compose([notice], { language, name });
        expect(subject).not.toMatch(INVISIBLE);
        expect(text.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        expect(html.replaceAll('\n', '')).not.toMatch(INVISIBLE);

        const { kind } = notice.subject;
        const harmless = { ...notice.subject, contracts: [{ id: 'c-1001', reference: 'PO 4711' }] };
        const host = { id: 'H-1', name: 'rip-01' };
        const tame = {
          notice: notice.notice,
          // The same kind with other text, so it stays what it was.
          subject: (kind === 'ending' ? harmless : { ...harmless, host }) as Subject,
        };
        const expected = tagsOf(compose([tame], { language }).html).length;
        // A host without name or id has one line less.
        expect([expected, expected - 3, expected - 6]).toContain(tagsOf(html).length);
        expect(html).not.toMatch(/<(?:script|img|a)\b|\son\w+=["'a-z]*\s*=/i);
      }),
      { numRuns: 300 },
    );
  });

  it('never gets into the subject line, wherever it comes from a host', () => {
    fc.assert(
      fc.property(hostileNotice, (notice) => {
        if (notice.subject.kind === 'ending') return;
        const tame = { ...notice.subject, host: { id: 'H-1', name: 'rip-01' } };
        expect(compose([notice]).subject).toBe(compose([{ ...notice, subject: tame }]).subject);
      }),
    );
  });

  it('in a host name forges no line and no link of the plain text', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, id) => {
        const { text } = compose(opened({ ...offlineSubject('silent'), host: { id, name } }));
        const tame = compose(
          opened({ ...offlineSubject('silent'), host: { id: 'H-1', name: 'rip-01' } }),
        ).text;
        const lines = text.split('\n');
        expect(lines.filter((line) => line.startsWith('* '))).toHaveLength(1);
        expect([0, 1]).toContain(tame.split('\n').length - lines.length);
        expect(text).not.toContain('://');
      }),
    );
  });

  it('is shown as it is read in HTML, not swallowed', () => {
    const { html } = compose(
      opened({ ...offlineSubject('silent'), host: { id: 'H-1', name: '<b>&"rip\'</b>' } }),
    );
    expect(html).toContain('&lt;b&gt;&amp;&quot;rip&#39;&lt;/b&gt;');
    expect(seenOf(html).words).toContain('<b>&"rip\'</b>');
  });

  it('of 4 kB is cut to 60 characters', () => {
    const long = times(3, (index) => ({
      ...offlineSubject('silent', index),
      host: { id: 'H-1', name: 'a'.repeat(4096) },
    }));
    expect(compose(opened(...long)).text).toContain(`* ${'a'.repeat(59)}…\n`);
  });
});
