import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../lambdas/core/alerts/kinds.ts';
import { DAY } from '../../../lambdas/core/instant.ts';
import {
  CODES,
  endingNow,
  endingSubject,
  expiringSubject,
  failedSubject,
  NOW,
  offlineSubject,
  times,
} from '../../../mails/subjects.ts';
import { compose, everyStep, opened, PORTAL, recovered, reminded, seenOf, spaced } from './compose.ts';

const WHAT_TO_DO = { en: 'What to do', de: 'Was ist zu tun?', fr: 'Que faire ?' } as const;
const DATE = /\b\d{1,2}\.? \p{L}+\.? 202[67]\b/u;
const BROKEN = /undefined|NaN|null|\[object|Infinity|Invalid|\$\{/;

describe.each(LANGUAGES)('an e-mail in %s', (language) => {
  it.each(everyStep)(
    'of $kind, step $step, says what, whose contract, when and what to do',
    ({ at, now }) => {
      for (const size of [1, 3]) {
        for (const notice of ['open', 'remind'] as const) {
          const notices = times(size, (index) => ({ notice, subject: at(index) }));
          const { subject, text, html } = compose(notices, { language, now });
          for (const part of [subject, text, html]) expect(part).not.toMatch(BROKEN);
          for (const part of [spaced(text), seenOf(html).words]) {
            expect(part).toContain('PO 4711 (c-1001)');
            expect(part).toMatch(DATE);
            expect(part).toContain(WHAT_TO_DO[language]);
          }
          expect(subject).toMatch(/ - Acme Print$/);
          expect(subject.length).toBeLessThanOrEqual(120);
        }
      }
    },
  );

  it.each(CODES)('of the refusal %s gives advice of its own', (code) => {
    const stepsOf = (other: string) => {
      const { text } = compose(opened(failedSubject('refused', 0, false, other)), { language });
      expect(text).not.toMatch(BROKEN);
      return spaced(text).slice(spaced(text).indexOf(WHAT_TO_DO[language])).split('* rip-01')[0];
    };
    for (const other of CODES.filter((each) => each !== code)) expect(stepsOf(code)).not.toBe(stepsOf(other));
  });

  it.each(everyStep)('that $kind, step $step, is over, is short and reassuring', ({ at, now }) => {
    for (const size of [1, 3]) {
      const { subject, text, html } = compose(recovered(...times(size, at)), { language, now });
      for (const part of [subject, text, html]) expect(part).not.toMatch(BROKEN);
      expect(spaced(text)).not.toContain(WHAT_TO_DO[language]);
      expect(spaced(text)).toMatch(/nothing to do|müssen nichts tun|rien à faire/);
      expect(text).toContain('PO 4711 (c-1001)');
    }
  });

  it.each(everyStep)('of $kind, step $step, says the same as text and as HTML', ({ at, now }) => {
    const notices = [...opened(at(0), at(4)), ...reminded(at(1)), ...recovered(at(2))];
    const { text, html } = compose(notices, { language, now, portalUrl: PORTAL, muteUrl: `${PORTAL}/mute` });
    const { words, links } = seenOf(html);
    // Each writes lists, headings and labels in its own way.
    const wordsOf = (said: string) =>
      said
        .split(/\s+/)
        .map((word) => word.replace(/:$/, ''))
        .filter((word) => !/^(?:|[-=]+|[*·]|\d+\.)$/.test(word));
    const inText = new Set(wordsOf(text));
    const inHtml = new Set([...wordsOf(words), ...links]);
    expect([...inText].filter((word) => !inHtml.has(word))).toEqual([]);
    expect([...inHtml].filter((word) => !inText.has(word))).toEqual([]);
  });
});

describe('a subject line', () => {
  const offline = (count: number) => times(count, (index) => offlineSubject('silent', index));
  const expiring = (count: number) => times(count, (index) => expiringSubject('7-days', index));
  const failed = (count: number) => times(count, (index) => failedSubject('refused', index));

  it.each([
    ['en', opened(...offline(1)), '1 host is offline'],
    ['en', opened(...offline(3)), '3 hosts are offline'],
    ['en', reminded(...offline(3)), '3 hosts are still offline'],
    ['en', opened(...offline(1250)), '1,250 hosts are offline'],
    ['de', opened(...offline(1)), '1 Host ist offline'],
    ['de', reminded(...offline(1250)), '1.250 Hosts sind weiterhin offline'],
    ['fr', opened(...offline(1)), '1 hôte est hors ligne'],
    ['fr', opened(...offline(3)), '3 hôtes sont hors ligne'],
    ['en', [...opened(...offline(2)), ...recovered(...offline(3))], '2 hosts are offline; 3 back online'],
    ['en', recovered(...offline(1)), '1 host is back online'],
    ['de', recovered(...offline(2)), '2 Hosts sind wieder online'],
    ['fr', recovered(...offline(2)), '2 hôtes sont de nouveau en ligne'],
    ['en', opened(...expiring(1)), 'License of 1 host expires in 7 days'],
    ['en', opened(...expiring(3)), 'Licenses of 3 hosts expire in 7 days'],
    ['de', opened(...expiring(1)), 'Lizenz von 1 Host läuft in 7 Tagen ab'],
    ['fr', opened(...expiring(3)), 'Les licences de 3 hôtes expirent dans 7 jours'],
    ['en', opened(expiringSubject('1-day')), 'License of 1 host expires tomorrow'],
    ['en', opened(expiringSubject('expired')), 'License of 1 host has expired'],
    [
      'en',
      opened(expiringSubject('3-days'), expiringSubject('7-days', 1)),
      'Licenses of 2 hosts expire, the first in 3 days',
    ],
    [
      'en',
      opened(expiringSubject('expired'), expiringSubject('7-days', 1)),
      'Licenses of 2 hosts have expired or expire soon',
    ],
    ['en', opened(...failed(1)), 'License renewal of 1 host is refused: contract suspended'],
    ['de', opened(...failed(3)), 'Lizenzerneuerung von 3 Hosts wird abgelehnt: Vertrag ausgesetzt'],
    [
      'en',
      opened(failedSubject('refused'), failedSubject('refused', 1, false, 'license-revoked')),
      'License renewal of 2 hosts is refused',
    ],
    ['en', opened(failedSubject('refused', 0, false, 'odd')), 'License renewal of 1 host is refused'],
    ['en', recovered(...failed(2)), 'License renewal of 2 hosts works again'],
  ] as const)('in %s says what and how many: %#', (language, notices, expected) => {
    expect(compose(notices, { language }).subject).toBe(`${expected} - Acme Print`);
  });

  const trial = endingSubject('7-days', 0, { trial: true });
  it.each([
    ['en', opened(endingSubject('ending')), 'Contract PO 4711 ends on 31 Dec 2026'],
    ['de', opened(endingSubject('ending')), 'Vertrag PO 4711 endet am 31. Dez. 2026'],
    ['fr', opened(endingSubject('ending')), 'Le contrat PO 4711 se termine le 31 déc. 2026'],
    ['en', opened(trial), 'Trial PO 4711 ends on 31 Dec 2026'],
    [
      'en',
      opened(endingSubject('ending'), endingSubject('ending', 1)),
      'Contracts PO 4711 and PO 4712 end on 31 Dec 2026',
    ],
    [
      'en',
      opened(...times(3, (index) => endingSubject('ending', index, { endsAt: trial.endsAt + index * DAY }))),
      '3 contracts end, the first on 31 Dec 2026',
    ],
    ['en', opened(endingSubject('ending', 0, { contracts: [] })), 'Your contract for ES ends on 31 Dec 2026'],
    [
      'en',
      opened(endingSubject('ending', 0, { contracts: [{ id: 'c-9' }] })),
      'Contract c-9 ends on 31 Dec 2026',
    ],
    ['en', recovered(endingSubject('ending')), 'Contract PO 4711 is extended'],
    [
      'de',
      recovered(endingSubject('ending'), endingSubject('ending', 1), endingSubject('ending', 2)),
      '3 Verträge sind verlängert',
    ],
  ] as const)('in %s names the contract and its last day: %#', (language, notices, expected) => {
    const { subject } = compose(notices, { language, now: endingNow('30-days') });
    expect(subject).toBe(`${expected} - Acme Print`);
  });

  it('cuts long names and references, so that it stays one readable line', () => {
    const contracts = [{ id: 'c-1001', reference: 'R'.repeat(200) }];
    const { subject } = compose(opened(endingSubject('ending', 0, { contracts })), { name: 'N'.repeat(200) });
    expect(subject).toBe(`Contract ${'R'.repeat(29)}… ends on 31 Dec 2026 - ${'N'.repeat(39)}…`);
  });
});

describe('an e-mail about more subjects than it can list', () => {
  it.each(['open', 'recover'] as const)('lists 100 and counts the rest, notice %s', (notice) => {
    const notices = times(250, (index) => ({ notice, subject: offlineSubject('silent', index) }));
    const { text, html, subject } = compose(notices, { portalUrl: PORTAL });
    expect(text.match(/^\* /gm)).toHaveLength(100);
    expect(html.match(/\/licenses\/lic_/g)).toHaveLength(100);
    expect(subject).toContain('250 hosts');
    const link = notice === 'open' ? `${PORTAL}/licenses?problem=offline` : `${PORTAL}/licenses`;
    expect(text).toContain(`… and 150 more hosts, not listed here\nShow all: ${link}\n`);
    expect(seenOf(html).words).toContain('… and 150 more hosts, not listed here · Show all');
    expect(seenOf(html).links).toContain(link);
  });

  it('does not count where all are listed', () => {
    const hundred = times(100, (index) => offlineSubject('silent', index));
    expect(compose(opened(...hundred)).text).not.toContain('not listed');
    expect(compose(opened(...hundred, offlineSubject('silent', 100))).text).toContain(
      '… and 1 more host, not',
    );
  });

  it('lists what is new before reminders, and trouble before what is over', () => {
    const of = (from: number, count: number) =>
      times(count, (index) => offlineSubject('silent', from + index));
    const { text } = compose([
      ...recovered(...of(0, 60)),
      ...reminded(...of(60, 60)),
      ...opened(...of(120, 60)),
    ]);
    expect(text.match(/^\* /gm)).toHaveLength(100);
    expect(text).toContain('… and 20 more hosts, not listed here');
    expect(text).toContain('… and 60 more hosts, not listed here');
    expect(text.indexOf('* rip-121.')).toBeLessThan(text.indexOf('* rip-61.'));
    expect(text).not.toContain('* rip-01.');
    expect(text).toContain('Solved (60)');
  });

  it.each(LANGUAGES)('is not cut off by Gmail at 102 kB, in %s', (language) => {
    const notices = opened(
      ...times(1000, (index) => failedSubject('refused', index, false, CODES[index % CODES.length])),
    );
    const { html } = compose(notices, {
      language,
      portalUrl: 'https://licenses.of-our-customers.example.com',
    });
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  });
});

describe('an e-mail', () => {
  it('has sections for what is new, what still is and what is over', () => {
    const notices = [
      ...opened(offlineSubject('silent', 0)),
      ...reminded(offlineSubject('silent-10-days', 1)),
      ...recovered(offlineSubject('silent', 2)),
    ];
    const { text } = compose(notices);
    const order = ['Offline (2)', 'New:', '* rip-01', 'Still open:', '* rip-02', 'Solved (1)', '* rip-03'];
    const places = order.map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('of a host that is long gone asks whether to retire it, once and for all', () => {
    const { subject, text } = compose(reminded(offlineSubject('expired')));
    expect(subject).toContain('retire it?');
    expect(spaced(text)).toContain(
      'The host no longer exists? Then tell your vendor, who retires its license.',
    );
    expect(text).toContain('This is the last e-mail about it.');
    expect(text).toContain('expired on 17 Nov 2026');
  });

  it('of a license that is renewed by hand says to upload its file', () => {
    const { text } = compose(opened(expiringSubject('7-days', 0, false, 'manual')), { portalUrl: PORTAL });
    expect(text).toContain('Upload the file in the portal and download the new one.');
    expect(text).not.toContain('firewall');
  });

  it('of hosts with different contracts has each below its own', () => {
    const { text } = compose(opened(offlineSubject('silent', 0), offlineSubject('silent', 4)));
    expect(text).toContain('ES · Contract PO 4711 (c-1001)\n\n* rip-01');
    expect(text).toContain('ES, installation west · Contract PO 4712 (c-1002)\n\n* rip-05');
  });

  it('of a host without a name shows its id', () => {
    const { text } = compose(opened({ ...offlineSubject('silent'), host: { id: 'H-9' } }));
    expect(text).toContain('* H-9\n  License: lic_');
  });

  it('of an unknown refusal names its code', () => {
    const { text } = compose(opened(failedSubject('refused', 0, false, 'seats-exhausted')));
    expect(spaced(text)).toContain('with the code seats-exhausted');
  });

  it('of a failure whose file is not known still says what follows', () => {
    const { expiresAt: _unknown, ...subject } = failedSubject('refused');
    expect(compose(opened(subject)).text).toContain(
      'Without a renewal, ES stops on this host when its license file expires.',
    );
  });

  it('links each host and the page of all in the portal', () => {
    const { text, html } = compose(opened(offlineSubject('silent')), { portalUrl: `${PORTAL}/` });
    const { licenseId } = offlineSubject('silent');
    expect(seenOf(html).links).toEqual([
      `${PORTAL}/licenses/${licenseId}`,
      `${PORTAL}/licenses?problem=offline`,
    ]);
    for (const link of seenOf(html).links) expect(text).toContain(link);
  });

  it('has no link at all without portal and mute address', () => {
    for (const { at, now } of everyStep) {
      const { text, html } = compose(opened(at(0)), { now });
      expect(text).not.toContain('://');
      expect(html).not.toMatch(/href|src=|url\(|@import/);
      expect(text).not.toContain('portal');
    }
  });

  it('can be turned off where a mute address is given', () => {
    const muteUrl = 'https://api.example/v1/mute?token=a&b="c"';
    const { text, html } = compose(opened(offlineSubject('silent')), { muteUrl });
    expect(text).toContain(`Turn them off: ${muteUrl}`);
    expect(seenOf(html).links).toEqual([muteUrl]);
  });

  it('about contracts says that somebody has to keep getting it', () => {
    for (const context of [{}, { muteUrl: 'https://api.example/v1/mute?token=t' }]) {
      expect(spaced(compose(opened(endingSubject('ending')), context).text)).toContain(
        'Somebody has to keep getting e-mails about ending contracts',
      );
    }
  });

  it('tells the vendor in its first line why it comes to the vendor', () => {
    const { text, html } = compose(opened(offlineSubject('silent')), { vendorIsReader: true });
    expect(text).toMatch(/^No contact of Acme Print \(acme\) can be reached by e-mail/);
    expect(seenOf(html).words).toMatch(/^No contact of Acme Print \(acme\) can be reached by e-mail/);
    expect(text).not.toContain('you are a contact');
  });
});

describe('an e-mail about a contract', () => {
  const textAt = (now: number, changes = {}) =>
    spaced(compose(opened(endingSubject('ending', 0, changes)), { now }).text);
  const { endsAt } = endingSubject('ending');

  it('before its end names the end, the grace and the way on', () => {
    const text = textAt(endsAt - 30 * DAY);
    expect(text).toContain(
      'Contract PO 4711 (c-1001) for ES ends in 29 days, on 31 Dec 2026. It covers 3 hosts',
    );
    expect(text).toContain('until 14 Jan 2027. After that, the hosts stop');
    expect(text).toContain('It reaches every host within 24 hours by itself.');
    expect(text).not.toMatch(/1 Jan 2027|15 Jan 2027/);
  });

  it('in its grace says how long it lasts', () => {
    expect(textAt(endsAt)).toContain('ended on 31 Dec 2026. It covered 3 hosts.');
    expect(textAt(endsAt + 7 * DAY)).toContain('going until 14 Jan 2027 (in 6 days).');
    expect(textAt(endsAt + 13 * DAY)).toContain('going until 14 Jan 2027 (today).');
  });

  it('without grace says so', () => {
    expect(textAt(endsAt - DAY, { graceUntil: endsAt })).toContain('There is no grace');
    expect(textAt(endsAt, { graceUntil: endsAt })).toContain('Without an extension the hosts stop');
  });

  it('that is followed by another after a gap names both ends of the gap', () => {
    const text = textAt(endsAt - 30 * DAY, { nextStartsAt: Date.UTC(2027, 0, 31, 23) / 1000 });
    expect(text).toContain('The next contract starts on 1 Feb 2027; nothing covers the time between.');
    expect(text).not.toContain('nothing follows');
  });

  it('that is extended says until when it goes on', () => {
    const extended = (nowEndsAt: number | null) =>
      compose([{ notice: 'recover', subject: endingSubject('ending'), nowEndsAt }], { now: NOW }).text;
    expect(extended(Date.UTC(2028, 11, 31, 23) / 1000)).toMatch(/Ends: 31 Dec 2028/);
    expect(extended(null)).toMatch(/Ends: never/);
  });

  it('names the last day of the order to a reader whose midnight is another, and its zone', () => {
    const ofBerlin = endingSubject('ending');
    const { subject, text } = compose(opened(ofBerlin), { timeZone: 'America/New_York', now: NOW });
    expect(subject).toBe('Contract PO 4711 ends on 31 Dec 2026 (Europe/Berlin) - Acme Print');
    expect(text).toContain('14 Jan 2027 (Europe/Berlin)');
    const { timeZone: _zone, ...ofOlderItem } = ofBerlin;
    const { subject: ofUnknownZone } = compose(opened(ofOlderItem), {
      timeZone: 'America/New_York',
      now: NOW,
    });
    expect(ofUnknownZone).toBe('Contract PO 4711 ends on 31 Dec 2026, 18:00 (23:00 UTC) - Acme Print');
  });
});
