import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../../../lambdas/core/alerts/kinds.ts';
import { DAY } from '../../../../lambdas/core/instant.ts';
import { HOST_HEALTHS, type HealthReport } from '../../../../lambdas/core/report/health-report.ts';
import { reportPeriod } from '../../../../lambdas/core/report/report-period.ts';
import {
  comingChanges,
  installationReport,
  reportedHost,
  reportOf,
  reportSamples,
  WEEK,
} from '../../../../mails/reports.ts';
import { CODES, NOW, times } from '../../../../mails/subjects.ts';
import { PORTAL, seenOf, spaced } from '../compose.ts';
import { composed, type ReportOptions } from './composed.ts';

const BROKEN = /undefined|NaN|null|\[object|Infinity|Invalid|\$\{/;

const textOf = (report: HealthReport, options?: ReportOptions) => spaced(composed(report, options).text);
const subjectOf = (report: HealthReport, language: Language = 'en') => composed(report, { language }).subject;

const trouble = (count: number) => times(count, (index) => reportedHost('offline', index));

describe.each(LANGUAGES)('a report in %s', (language) => {
  it.each(reportSamples(PORTAL))('$name says the same as text and as HTML, and all of it', ({ compose }) => {
    const { subject, text, html } = compose(language);
    for (const part of [subject, text, html]) expect(part).not.toMatch(BROKEN);
    expect(subject).toMatch(/ - Acme Print$/);
    expect(subject.length).toBeLessThanOrEqual(120);
    const { words, links } = seenOf(html);
    const wordsOf = (said: string) =>
      said
        .split(/\s+/)
        .map((word) => word.replace(/:$/, ''))
        .filter((word) => !/^(?:|[-=]+|[*·])$/.test(word));
    const inText = new Set(wordsOf(text));
    const inHtml = new Set([...wordsOf(words), ...links]);
    expect([...inText].filter((word) => !inHtml.has(word))).toEqual([]);
    expect([...inHtml].filter((word) => !inText.has(word))).toEqual([]);
  });

  it('has words of its own for every health and every refusal', () => {
    const others = HOST_HEALTHS.map((health, index) => reportedHost(health, index));
    const refusals = [...CODES, 'host-mismatch', 'host-id-required', 'license-transferred'].map((code) => ({
      code,
      count: 1,
    }));
    const { text } = composed(reportOf(1, others, { refusals }), { language });
    const names = [...text.matchAll(/^\* (.*)$/gm)].map(([, name = '']) => name);
    const [healths, reasons] = [names.slice(0, HOST_HEALTHS.length), names.slice(-2 - refusals.length, -2)];
    expect(new Set(healths).size).toBe(HOST_HEALTHS.length);
    expect(new Set(reasons).size).toBe(refusals.length);
    // A code of a later version stands for itself, all others are said in words.
    expect(reasons.filter((reason) => /^\S+-\S+$/.test(reason))).toEqual(['Seats-exhausted']);
  });

  it('of 5,000 hosts stays below the size at which mail programs cut off', () => {
    const failing = times(4_000, (index) => reportedHost('failing', index));
    const everything = reportOf(1_000, failing, {
      refusals: CODES.map((code) => ({ code, count: 12_345 })),
      installations: times(5_000, (index) =>
        installationReport(index, {
          options: times(30, (option) => ({
            ...{ option: `option-${option}`, pool: 1_000, everyHost: 2, delivered: 1_000 },
          })),
          behind: [reportedHost('healthy', index)],
        }),
      ),
      coming: times(5_000, (index) => comingChanges()[index % 6]).flatMap((change) => change ?? []),
    });
    const { html, text } = composed(everything, { language, portalUrl: PORTAL });
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
    expect(Buffer.byteLength(text)).toBeLessThan(40_000);
    // 4,000 - 40 hosts, 5,000 - 10 behind, 5,000 - 25 changes, and all but one installation in whole.
    for (const left of [3_960, 4_990, 4_975, 4_999]) {
      const said = new Intl.NumberFormat({ en: 'en-GB', de: 'de-DE', fr: 'fr-FR' }[language]).format(left);
      expect(spaced(text)).toContain(spaced(said));
      expect(seenOf(html).words).toContain(spaced(said));
    }
    expect(html).toContain(`${PORTAL}/licenses"`);
    expect(html).toContain(`${PORTAL}/installations"`);
  });
});

describe('a report with nothing to report', () => {
  it('is short, good news, and lists no host', () => {
    const { subject, text, html } = composed(reportOf(12));
    expect(subject).toBe('License report: 12 hosts are healthy - Acme Print');
    expect(text.split('\n').length).toBeLessThan(45);
    expect(html).toContain('#178a4c');
    expect(text).toContain('84 renewals, none was refused.');
    expect(text).toContain('Nothing changes by contract.');
    expect(text).not.toMatch(/Need attention|License lic_|Hosts: 12/);
  });

  it('is one too where there is no host yet, and no contract', () => {
    const { subject, text } = composed(reportOf(0, [], { renewals: 0, installations: [] }));
    expect(subject).toBe('License report: No host is in use - Acme Print');
    expect(text).toContain('0 renewals, none was refused.');
    expect(text).not.toContain('Contracted');
  });
});

describe('the subject line of a report', () => {
  it('says one host and many in the words for one and many', () => {
    expect(LANGUAGES.map((language) => spaced(subjectOf(reportOf(1), language)))).toEqual([
      'License report: 1 host is healthy - Acme Print',
      'Lizenzbericht: 1 Host ist in Ordnung - Acme Print',
      'Rapport sur les licences : 1 hôte est en bon état - Acme Print',
    ]);
    expect(LANGUAGES.map((language) => spaced(subjectOf(reportOf(0, trouble(1)), language)))).toEqual([
      'License report: 1 of 1 host needs attention - Acme Print',
      'Lizenzbericht: 1 von 1 Host braucht Aufmerksamkeit - Acme Print',
      'Rapport sur les licences : 1 sur 1 hôte demande votre attention - Acme Print',
    ]);
    expect(LANGUAGES.map((language) => spaced(subjectOf(reportOf(1_000, trouble(234)), language)))).toEqual([
      'License report: 234 of 1,234 hosts need attention - Acme Print',
      'Lizenzbericht: 234 von 1.234 Hosts brauchen Aufmerksamkeit - Acme Print',
      'Rapport sur les licences : 234 sur 1 234 hôtes demandent votre attention - Acme Print',
    ]);
  });

  it('does not call healthy what is about to end, has ended or cannot renew', () => {
    const hosts = (health: 'in-grace' | 'not-entitled', count: number) =>
      times(count, (index) => reportedHost(health, index));
    const reports = [
      reportOf(12, [], { coming: comingChanges() }),
      reportOf(0, hosts('in-grace', 1)),
      reportOf(2, hosts('in-grace', 3)),
      reportOf(0, hosts('not-entitled', 1)),
    ];
    expect(reports.map((report) => subjectOf(report).replace(/^License report: (.*) - .*$/, '$1'))).toEqual([
      '12 hosts are healthy; 1 contract ends',
      '1 host in grace, contract ended',
      '2 hosts are healthy; 3 hosts in grace, contract ended',
      '1 host cannot renew',
    ]);
    for (const report of reports) expect(composed(report).html).not.toContain('#178a4c');
  });

  it('holds a short name of the customer, and its id where the name is not readable', () => {
    const subject = composed(reportOf(1), { name: 'n'.repeat(200) }).subject;
    expect(subject.length).toBeLessThanOrEqual(120);
    expect(composed(reportOf(1), { name: '\u200b\u202e' }).subject).toMatch(/ - acme$/);
  });
});

describe('what a report says', () => {
  it('of refusals: how many of each, in words', () => {
    const text = textOf(
      reportOf(3, [], {
        renewals: 1,
        refusals: [
          { code: 'contract-suspended', count: 1_400 },
          { code: 'host-mismatch', count: 1 },
        ],
      }),
    );
    expect(text).toContain('1 renewal. 1,401 attempts were refused:');
    expect(text).toContain('Contract suspended Code: contract-suspended Refused: 1,400 times');
    expect(text).toContain('License of another host Code: host-mismatch Refused: 1 time');
  });

  it('of one refusal, in the singular', () => {
    const report = reportOf(3, [], { refusals: [{ code: 'license-revoked', count: 1 }] });
    expect(LANGUAGES.map((language) => /21.*?:/.exec(textOf(report, { language }))?.[0])).toEqual([
      '21 renewals. 1 attempt was refused:',
      '21 Erneuerungen. 1 Versuch wurde abgelehnt:',
      '21 renouvellements. 1 tentative a été refusée :',
    ]);
  });

  it('of options: what is contracted for all, for each host and delivered', () => {
    const options = [{ option: 'render-engine', pool: 12_000, everyHost: 2, delivered: 11_998 }];
    const text = textOf(reportOf(3, [], { installations: [installationReport(0, { options })] }));
    expect(text).toContain('ES · Contract PO 4711 (c-1001) · 12 of 12 hosts licensed');
    expect(text).toContain('render-engine Contracted: 12,000 + 2 on each host Delivered: 11,998');
  });

  it('of an installation in grace: until when', () => {
    const until = Date.parse('2026-12-12T05:00:00Z') / 1000;
    const textWith = (grace: { until: number; timeZone?: string }) =>
      textOf(reportOf(3, [], { installations: [installationReport(0, { grace })] }));
    expect(textWith({ until, timeZone: 'America/New_York' })).toContain(
      'Contract PO 4711 (c-1001) · Grace until 11 Dec 2026 (America/New_York) · 12 of 12 hosts',
    );
    expect(textWith({ until: until - 6 * 3_600 })).toContain('Grace until 11 Dec 2026 · 12 of 12');
  });

  it('of an installation without a contract in force: just that', () => {
    const without = installationReport(0, { contracts: [], options: [], hosts: { ordered: 0, licensed: 3 } });
    const text = textOf(reportOf(0, [], { installations: [without] }));
    expect(text).toContain('ES · no contract in force');
    expect(text).not.toContain('of 0 hosts');
  });

  it('of hosts that wait for the latest change: how many, and some of them', () => {
    const behind = (count: number) => times(count, (index) => reportedHost('healthy', index));
    const of = (count: number) =>
      composed(reportOf(30, [], { installations: [installationReport(0, { behind: behind(count) })] })).text;
    expect(spaced(of(1))).toContain('1 host has not fetched the latest change');
    expect(spaced(of(13))).toContain('13 hosts have not fetched the latest change');
    expect(of(13)).toContain('… and 3 more, not listed here');
    expect(of(10)).not.toContain('not listed here');
  });

  it('of hosts in trouble: the refused and expiring ones before those that are offline', () => {
    const hosts = [reportedHost('offline', 0), reportedHost('expiring', 1), reportedHost('failing', 2)];
    const states = [...composed(reportOf(1, hosts)).text.matchAll(/State: (.*)/g)].map(([, state]) => state);
    expect(states).toEqual(['Renewal refused', 'Expiring', 'Offline']);
  });

  it('of a file that has expired: that it has', () => {
    const host = { ...reportedHost('offline'), expiresAt: NOW - DAY };
    expect(textOf(reportOf(1, [host]))).toContain('Expired: 23 Nov 2026');
  });

  it('of what is coming: what, when, how many, and what is behind it', () => {
    const text = textOf(reportOf(12, [], { coming: comingChanges() }));
    const [, coming = ''] = /Coming until 30 Nov 2026 -+ (.*) Renewals/.exec(text) ?? [];
    expect(coming.split(' * ').map((change) => change.replace(/^\* /, ''))).toEqual([
      'render-engine Contract: PO 4711 (c-1001) Product: ES Starts: 25 Nov 2026 Quantity: 4',
      'render-engine Contract: PO 4711 (c-1001) Product: ES Ends: 25 Nov 2026 Quantity: 4 on each host',
      'Contract PO 4711 (c-1001) Product: ES Ends: 27 Nov 2026 Grace until: 11 Dec 2026 Hosts: 12 State: Nothing follows so far',
      'Contract PO 4712 (c-1002) Product: ES, installation west Ends: 28 Nov 2026 Hosts: 3 State: Followed by another contract',
      'Contract PO 4713 (c-1003) Product: ES, installation west Starts: 29 Nov 2026 Hosts: 5',
      'Contract c-0999 Product: ES, installation lab Grace until: 29 Nov 2026 Hosts: 1 State: Nothing follows so far, hosts stop then',
    ]);
  });

  it('in its last lines: why the reader gets it, how often, and how to stop it', () => {
    expect(textOf(reportOf(1), { every: 'month' })).toMatch(
      /You get this report every month because it was set up for you as a contact of Acme Print\. To change or stop it, reply to this e-mail\.$/,
    );
  });

  it('without a portal: no link', () => {
    const { text, html } = composed(reportOf(1, trouble(99)));
    expect(text).not.toContain('://');
    expect(html).not.toContain('<a ');
  });
});

describe('the dates of a report', () => {
  it('are days of the zone of the contact', () => {
    const times = { every: 'week', on: 'tuesday', hour: 8 } as const;
    const inZone = (timeZone: string) =>
      textOf(reportOf(1, trouble(1)), { timeZone, period: reportPeriod(times, timeZone, NOW) });
    // 10:30 UTC is already Wednesday in Kiritimati and still Monday in Pago Pago.
    expect(inZone('Europe/Berlin')).toContain('from 17 Nov 2026 to 23 Nov 2026');
    expect(inZone('Pacific/Kiritimati')).toContain('Last seen: 19 Nov 2026, 23:30 (09:30 UTC)');
    expect(inZone('Pacific/Pago_Pago')).toContain('from 10 Nov 2026 to 16 Nov 2026');
    expect(inZone('America/New_York')).toContain('Last seen: 19 Nov 2026, 04:30 (09:30 UTC)');
  });

  it('are whole days where the clocks change at midnight of the first', () => {
    const now = Date.parse('2026-09-13T11:00:00Z') / 1000;
    const timeZone = 'America/Santiago';
    const period = reportPeriod({ every: 'week', on: 'sunday', hour: 8 }, timeZone, now);
    expect(textOf(reportOf(1), { timeZone, period, now })).toContain('from 6 Sept 2026 to 12 Sept 2026');
  });

  it('name the last day of a contract as it was ordered, in whatever zone', () => {
    const [, , change] = comingChanges();
    const at = Date.parse('2026-11-28T05:00:00Z') / 1000;
    const coming = change ? [{ ...change, at, timeZone: 'America/New_York' }] : [];
    expect(textOf(reportOf(1, [], { coming }))).toContain('Ends: 27 Nov 2026 (America/New_York)');
    const { timeZone, ...unknown } = change ?? { timeZone: undefined };
    expect(textOf(reportOf(1, [], { coming: [{ ...unknown, at } as (typeof coming)[number]] }))).toContain(
      'Ends: 28 Nov 2026, 06:00 (05:00 UTC)',
    );
  });

  it('look ahead to the day before the next report', () => {
    expect(textOf(reportOf(1))).toContain('Coming until 30 Nov 2026');
    expect(WEEK.dueOn).toBe('2026-11-24');
  });
});
