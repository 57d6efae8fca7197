import { describe, expect, it } from 'vitest';
import type { AlertKind } from '../../../lambdas/core/alerts/kinds.ts';
import { muteOf, recipientsOf } from '../../../lambdas/core/alerts/recipients.ts';
import type { Contact } from '../../../lambdas/core/customer.ts';

const VENDOR = { email: 'operations@vendor.example', language: 'en', timeZone: 'UTC' } as const;

const contact = (email: string, given: Partial<Contact> = {}): Contact => ({
  email,
  language: 'de',
  timeZone: 'Europe/Berlin',
  roles: ['technical'],
  ...given,
});

const technical = contact('ops@acme.example');
const colleague = contact('night@acme.example', { language: 'fr' });
const commercial = contact('buy@acme.example', { roles: ['commercial'] });

function told(
  kind: AlertKind,
  contacts: readonly Contact[],
  { mutes = [], disabled = [] }: { mutes?: readonly string[]; disabled?: readonly string[] } = {},
) {
  return recipientsOf(kind, { contacts: [...contacts] }, new Set(mutes), new Set(disabled), VENDOR);
}
const addresses = (...given: Parameters<typeof told>) => told(...given).map(({ email }) => email);

describe('Who gets an alert', () => {
  it('tells every contact of the role, in its language and zone', () => {
    expect(told('offline', [technical, commercial, colleague])).toEqual([
      {
        email: 'ops@acme.example',
        language: 'de',
        timeZone: 'Europe/Berlin',
        isVendor: false,
        mutable: true,
      },
      {
        email: 'night@acme.example',
        language: 'fr',
        timeZone: 'Europe/Berlin',
        isVendor: false,
        mutable: true,
      },
    ]);
    expect(addresses('ending', [technical, commercial])).toEqual(['buy@acme.example']);
  });

  it('leaves out a contact that has other kinds or has muted this one, whatever the case of its address', () => {
    const picky = contact('picky@acme.example', { kinds: ['expiring'] });
    const muted = contact('Muted@Acme.example');
    const mutes = [muteOf('offline', 'muted@acme.EXAMPLE')];
    expect(addresses('offline', [technical, picky, muted], { mutes })).toEqual(['ops@acme.example']);
    expect(addresses('expiring', [technical, picky, muted], { mutes })).toEqual([
      'ops@acme.example',
      'picky@acme.example',
      'Muted@Acme.example',
    ]);
  });

  it('tells an address that is named twice once', () => {
    expect(addresses('offline', [technical, contact('OPS@acme.example')])).toEqual(['ops@acme.example']);
  });

  it('moves on to the next contact, then to other roles, then to the vendor, as addresses are disabled', () => {
    const contacts = [technical, colleague, commercial];
    const disabled = ['ops@acme.example'];
    expect(addresses('offline', contacts, { disabled })).toEqual(['night@acme.example']);
    disabled.push('night@acme.example');
    expect(addresses('offline', contacts, { disabled })).toEqual(['buy@acme.example']);
    disabled.push('buy@acme.example');
    expect(told('offline', contacts, { disabled })).toEqual([{ ...VENDOR, isVendor: true, mutable: false }]);
  });

  it('tells other roles, and without any contact the vendor, where nobody has the role', () => {
    expect(addresses('ending', [technical])).toEqual(['ops@acme.example']);
    expect(addresses('ending', [])).toEqual([VENDOR.email]);
  });

  it('tells nobody what all have turned down, but ends of contracts', () => {
    const offline = [muteOf('offline', technical.email)];
    expect(addresses('offline', [technical, commercial], { mutes: offline })).toEqual([]);
    const second = contact('second@acme.example', { roles: ['commercial'] });
    const ending = [muteOf('ending', commercial.email), muteOf('ending', second.email)];
    expect(addresses('ending', [technical, commercial, second], { mutes: ending })).toEqual([
      'buy@acme.example',
      'second@acme.example',
    ]);
    expect(addresses('ending', [commercial, second], { mutes: ending.slice(0, 1) })).toEqual([
      'second@acme.example',
    ]);
  });
});
