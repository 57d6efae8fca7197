import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../lambdas/core/alerts/kinds.ts';
import { composeInvitation } from '../../lambdas/core/mail/invitation.ts';
import { anInvitation } from '../../mails/notices.ts';
import { PORTAL, spaced } from '../core/mail/compose.ts';

/** Words of signing up, which nobody can: the account is made with the invitation. */
const SIGNING_UP = /sign(ing)?[- ]?up|regist|create|anlegen|erstellen|cré(er|ez|ation)|inscri/i;

const HOW = {
  en: ['Open the portal and enter this e-mail address there.', 'sign in there with this e-mail address'],
  de: [
    'Öffnen Sie das Portal und geben Sie dort diese E-Mail-Adresse ein.',
    'melden Sie sich dort mit dieser E-Mail-Adresse an',
  ],
  fr: [
    'Ouvrez le portail et saisissez-y cette adresse e-mail.',
    'puis connectez-vous avec cette adresse e-mail',
  ],
} as const;

describe.each(LANGUAGES)('An invitation in %s', (language) => {
  it.each([{ portalUrl: PORTAL }, {}])('says how to sign in, and nothing of signing up: %o', (portal) => {
    for (const role of ['viewer', 'manager'] as const) {
      const { invitedBy: _member, ...byVendor } = anInvitation({ role });
      for (const invitation of [byVendor, anInvitation({ role })]) {
        const { subject, text, html } = composeInvitation(invitation, { language }, portal);
        expect(`${subject}${text}${html}`).not.toMatch(SIGNING_UP);
        expect(spaced(text)).toContain(HOW[language]['portalUrl' in portal ? 0 : 1]);
        expect(text).toMatch(/\bcode\b/i);
      }
    }
  });
});
