import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../../lambdas/core/alerts/kinds.ts';
import type { HealthReport } from '../../../../lambdas/core/report/health-report.ts';
import { comingChanges, installationReport, reportedHost, reportOf } from '../../../../mails/reports.ts';
import { seenOf } from '../compose.ts';
import { hostile, INVISIBLE, tagsOf } from '../hostile-text.ts';
import { composed } from './composed.ts';

/** A report with the same text in every place that hosts, strangers or the vendor's ERP fill. */
function reportWith(text: { id: string; name: string; code: string; reference: string; option: string }) {
  const { id, name, code, reference, option } = text;
  const host = { ...reportedHost('failing'), host: { id, name }, code };
  const contract = { id: 'c-1001', reference };
  return reportOf(3, [host], {
    refusals: [{ code, count: 2 }],
    installations: [
      installationReport(0, {
        contracts: [contract],
        options: [{ option, pool: 1, everyHost: 0, delivered: 1 }],
        behind: [host],
      }),
    ],
    coming: comingChanges().map((change) => ({
      ...change,
      contract,
      ...('option' in change ? { option } : {}),
    })),
  } satisfies Partial<HealthReport>);
}

const TAME = { id: 'H-1', name: 'rip-01', code: 'new-code', reference: 'PO 4711', option: 'render-engine' };

const hostileTexts = fc.record({
  id: hostile,
  name: hostile,
  code: fc.oneof(hostile, fc.constantFrom('__proto__', 'constructor', 'toString')),
  reference: hostile,
  option: hostile,
});

describe('hostile text in a report', () => {
  it('brings no markup, line, control or direction character into the e-mail', () => {
    fc.assert(
      fc.property(hostileTexts, hostile, fc.constantFrom(...LANGUAGES), (texts, name, language) => {
        const { subject, text, html } = composed(reportWith(texts), { language, name });
        expect(subject).not.toMatch(INVISIBLE);
        expect(text.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        expect(html.replaceAll('\n', '')).not.toMatch(INVISIBLE);

        const expected = tagsOf(composed(reportWith(TAME), { language }).html).length;
        // Of the two rows of the host, one without name or id has one line less.
        expect([expected, expected - 6]).toContain(tagsOf(html).length);
        expect(html).not.toMatch(/<(?:script|img|a)\b|\son\w+=["'a-z]*\s*=/i);
      }),
      { numRuns: 200 },
    );
  });

  it('never gets into the subject line, wherever it comes from', () => {
    const expected = composed(reportWith(TAME)).subject;
    fc.assert(
      fc.property(hostileTexts, (texts) => {
        expect(composed(reportWith(texts)).subject).toBe(expected);
      }),
    );
  });

  it('in a host name forges no line and no link of the plain text', () => {
    const expected = composed(reportWith(TAME)).text.split('\n');
    fc.assert(
      fc.property(hostile, hostile, (name, id) => {
        const { text } = composed(reportWith({ ...TAME, name, id }));
        const lines = text.split('\n');
        const rows = (all: readonly string[]) => all.filter((line) => line.startsWith('* ')).length;
        expect(rows(lines)).toBe(rows(expected));
        expect([0, 2]).toContain(expected.length - lines.length);
        expect(text).not.toContain('://');
      }),
    );
  });

  it('is shown as it is read in HTML, cut to 60 characters', () => {
    const { html, text } = composed(
      reportWith({
        ...TAME,
        name: '<b>&"rip\'</b>',
        reference: 'r'.repeat(4_096),
        option: 'o'.repeat(4_096),
      }),
    );
    expect(html).toContain('&lt;b&gt;&amp;&quot;rip&#39;&lt;/b&gt;');
    expect(seenOf(html).words).toContain('<b>&"rip\'</b>');
    expect(text).toContain(`Contract ${'r'.repeat(59)}… (c-1001)`);
    expect(text).toContain(`* ${'o'.repeat(59)}…\n`);
  });
});
