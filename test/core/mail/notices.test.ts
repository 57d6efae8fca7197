import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../../lambdas/core/alerts/kinds.ts';
import { DAY } from '../../../lambdas/core/instant.ts';
import { composeInvitation } from '../../../lambdas/core/mail/invitation.ts';
import type { MailContent } from '../../../lambdas/core/mail/mail.ts';
import { composeOrderChange } from '../../../lambdas/core/mail/order-change.ts';
import { composeTransferReceipt } from '../../../lambdas/core/mail/transfer-receipt.ts';
import type { ShrinkNotice } from '../../../lambdas/core/order-changes.ts';
import {
  anInvitation,
  aReceipt,
  fewerHosts,
  fewerOptions,
  hostsOf,
  otherSamples,
} from '../../../mails/notices.ts';
import { NOW } from '../../../mails/subjects.ts';
import { PORTAL, seenOf, spaced } from './compose.ts';
import { hostile, INVISIBLE, tagsOf } from './hostile-text.ts';

const CUSTOMER = { customerId: 'acme', name: 'Acme Print' };
const BERLIN = { language: 'en', timeZone: 'Europe/Berlin' } as const;
const CONTEXT = { now: NOW, portalUrl: PORTAL };

const told = (
  notices: readonly ShrinkNotice[],
  language: Language = 'en',
  hosts = hostsOf(250),
): MailContent =>
  composeOrderChange({ customer: CUSTOMER, notices, hosts }, { ...BERLIN, language }, CONTEXT);

describe('every notice', () => {
  const all = otherSamples.flatMap(({ name, compose }) =>
    LANGUAGES.map((language) => [`${name}.${language}`, compose(language)] as const),
  );

  it.each(all)('says the same as text and HTML: %s', (_name, { subject, text, html }) => {
    const { words, links } = seenOf(html);
    const headline = text.split('\n').find((line) => line !== '' && subject.startsWith(line.slice(0, 20)));
    expect(headline).toBeDefined();
    expect(words).toContain(spaced(subject.slice(0, subject.lastIndexOf(' - '))));
    for (const link of links) expect(text).toContain(link);
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
    expect(Array.from(subject).length).toBeLessThanOrEqual(125);
    expect(`${subject}${text}${html}`).not.toMatch(/undefined|null|NaN|\[object/);
  });

  it.each(['invitation', 'transfer', 'change'])('has its own words in each language: %s', (kind) => {
    const [first] = otherSamples.filter(({ name }) => name.startsWith(kind));
    const subjects = LANGUAGES.map((language) => first?.compose(language).subject);
    expect(new Set(subjects).size).toBe(LANGUAGES.length);
  });
});

describe('an invitation', () => {
  it('says who invites, to what, as what, and how to sign in', () => {
    const { subject, text } = composeInvitation(anInvitation(), BERLIN, { portalUrl: PORTAL });
    expect(subject).toBe('You are invited to the license portal - Acme Print');
    expect(spaced(text)).toContain('jo@acme.example has invited you to the license portal of Acme Print.');
    expect(text).toContain('Sign in as: kim@acme.example');
    expect(text).toContain('Role: Manager');
    expect(text).toContain(`Open the portal: ${PORTAL}/`);
  });

  it('names nobody where the vendor invites, and no link where there is no portal', () => {
    const { invitedBy: _member, ...byVendor } = anInvitation({ role: 'viewer' });
    const { text, html } = composeInvitation(byVendor, BERLIN, {});
    expect(text).not.toContain('has invited');
    expect(spaced(text)).toContain('Ask your vendor for the address of the portal');
    expect(seenOf(html).links).toEqual([]);
  });
});

describe('a receipt of a transfer', () => {
  it('says who accepted which terms when, for which license, and what moves where', () => {
    const { text } = composeTransferReceipt(aReceipt(), BERLIN, CONTEXT);
    expect(text).toContain('Old host: rip-01.print.acme.example (H-17)');
    expect(text).toContain('New host: rip-07 (H-42)');
    expect(text).toContain('Accepted by: jo@acme.example');
    expect(text).toContain('Terms, version: 2026-11');
    expect(text).toContain('Accepted on: 24 Nov 2026, 10:30 (09:30 UTC)');
    expect(text).toContain('lic_5k2qv0c9t7m4n1d8rj3h6g0p2s');
    expect(spaced(text)).toContain('is valid until 28 Dec 2026');
    expect(spaced(text)).toContain('Install the license file of the old host on the new one.');
  });

  it('speaks of the starter file where the new host gets one', () => {
    const receipt = aReceipt({ byStarterFile: true, to: { name: 'rip-07' } });
    const text = spaced(composeTransferReceipt(receipt, BERLIN, CONTEXT).text);
    expect(text).toContain('Download the starter file of this transfer in the portal');
    expect(text).not.toContain('license file of the old host on the new one');
  });

  it('says nothing of an old host or file where there is none', () => {
    const { from: _host, ...unbound } = aReceipt();
    const text = spaced(composeTransferReceipt(unbound, BERLIN, CONTEXT).text);
    expect(text).toContain('No host has used this license so far.');
    expect(text).not.toContain('Old host');
    expect(text).not.toContain('is valid until');
    const expired = composeTransferReceipt(aReceipt({ oldFileExpiresAt: NOW - 1 }), BERLIN, CONTEXT);
    expect(spaced(expired.text)).not.toContain('is valid until');
  });
});

describe('an e-mail about a change of an order', () => {
  it('says how much less of which option each host gets, and for how long', () => {
    const { subject, text } = told([fewerOptions(2)]);
    expect(subject).toBe('Fewer options on 2 hosts from 1 Dec 2026 - Acme Print');
    expect(text).toContain('render-engine: 4 instead of 8, from 1 Dec 2026 to 4 Jan 2027');
    expect(text).toContain('render-engine: 4 instead of 8, from 1 Dec 2026 on');
    expect(spaced(text)).toContain('contract PO 4711 (c-1001), received on 24 Nov 2026, 10:30 (09:30 UTC)');
  });

  it('says which hosts are refused from when, and that others can be chosen in the portal', () => {
    const { subject, text } = told([fewerHosts(1)]);
    expect(subject).toBe(
      'Fewer hosts ordered: 1 host refused from 8 Dec 2026, 10:30 (09:30 UTC) - Acme Print',
    );
    expect(spaced(text)).toContain('2 hosts are ordered instead of 3, until 31 Dec 2027; 3 are licensed.');
    expect(spaced(text)).toContain('retire other hosts in the portal');
    expect(text).toContain('* rip-01.acme.example');
    expect(text).toContain(`Open the portal: ${PORTAL}/installations`);
  });

  it('offers no choice where all of an installation ends', () => {
    const text = spaced(told([fewerHosts(3, { endsAll: true })]).text);
    expect(text).not.toContain('retire other hosts');
    expect(text).toContain('Ask your vendor to order again');
  });

  it('lists at most 60 hosts, the refused ones first, and says how many more there are', () => {
    const { refused, refusedCount } = fewerHosts(40);
    const { text } = told([fewerOptions(250, { refused, refusedCount })]);
    expect(text.match(/^\* /gm)).toHaveLength(60);
    expect(text.match(/Refused from:/g)).toHaveLength(40);
    expect(text).toContain('… and 230 more hosts, not listed here');
  });

  it('keeps what it says of one host short', () => {
    const [share] = fewerOptions(1).shares;
    const shares = Array.from({ length: 9 }, (_, index) => ({
      ...{ licenseId: '', before: 2, after: 1, from: NOW + DAY, until: null },
      ...share,
      option: `o-${index}`,
    }));
    const { text } = told([fewerOptions(1, { shares })]);
    expect(text).toContain('More changes: 5');
    expect(text).not.toContain('o-5');
  });

  it('tells of each installation that the order changed', () => {
    const { text } = told([fewerHosts(2), fewerOptions(2, { installation: 'proof', version: 9 })]);
    expect(text).toContain('Hosts of ES\n');
    expect(text).toContain('Options of ES, installation proof\n');
  });

  it('says that it goes to the vendor as nobody else can be reached', () => {
    const notices = [fewerOptions(1)];
    const mailing = { customer: CUSTOMER, notices, hosts: hostsOf(1) };
    const { text } = composeOrderChange(mailing, BERLIN, { ...CONTEXT, vendorIsReader: true });
    expect(spaced(text)).toContain('No contact of Acme Print (acme) can be reached by e-mail');
  });
});

describe('hostile text in a notice', () => {
  const expectTame = (make: (text: string) => MailContent, text: string) => {
    const { subject, text: plain, html } = make(text);
    for (const one of [subject, plain, html]) expect(one.replaceAll('\n', '')).not.toMatch(INVISIBLE);
    expect(html).not.toMatch(/<(?:script|img)\b|\son\w+=["'a-z]*\s*=/i);
    // A name that is empty has no line of its own.
    const expected = tagsOf(make('x').html).length;
    expect(tagsOf(html).length).toBeLessThanOrEqual(expected);
    expect(seenOf(html).links.join(' ')).not.toContain('evil.example');
  };

  it('brings nothing into it, wherever members, hosts and the vendor write', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(...LANGUAGES), (text, language) => {
        const reader = { ...BERLIN, language };
        const named = { customerId: 'acme', name: text };
        expectTame(
          (given) =>
            composeTransferReceipt(
              aReceipt({
                from: { id: given, name: given },
                to: { id: given, name: given },
                terms: { version: given },
                acceptedBy: given,
              }),
              reader,
              CONTEXT,
            ),
          text,
        );
        expectTame(
          (given) =>
            composeInvitation(
              anInvitation({ customer: { ...named, name: given }, invitedBy: given, email: given }),
              reader,
              CONTEXT,
            ),
          text,
        );
        expectTame((given) => {
          const { refused, refusedCount } = fewerHosts(2);
          const notice = fewerOptions(2, { refused, refusedCount, reference: given });
          const shares = notice.shares.map((share) => ({ ...share, option: given }));
          const hosts = new Map([...hostsOf(2).keys()].map((id) => [id, { id: given, name: given }]));
          return told([{ ...notice, shares }], language, hosts);
        }, text);
      }),
      { numRuns: 150 },
    );
  });

  it('makes no link of the name of a host or of an address that is none', () => {
    const { text } = composeTransferReceipt(
      aReceipt({
        to: { name: 'https://evil.example/login' },
        acceptedBy: 'jo@acme.example https://evil.example',
      }),
      BERLIN,
      CONTEXT,
    );
    expect(text).not.toContain('evil.example');
    expect(text).toContain('https[:]//evil[.]example/login');
  });
});
