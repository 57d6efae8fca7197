import type { MuteWish } from '../core/alerts/change-mute.ts';
import type { AlertKind, Language } from '../core/alerts/kinds.ts';
import type { Customer } from '../core/customer.ts';

/** What the page says. `asking`: nothing has happened yet. */
export type MutePage =
  | {
      readonly kind: 'asking' | 'muted' | 'unmuted' | 'last';
      readonly language: Language;
      readonly wish: MuteWish;
    }
  | { readonly kind: 'not-valid'; readonly language: Language };

interface Texts {
  readonly kinds: Readonly<Record<AlertKind, string>>;
  readonly title: string;
  /** Each with the address and what the e-mails are about. */
  readonly asking: (email: string, kind: string) => string;
  readonly stop: string;
  readonly muted: (email: string, kind: string) => string;
  readonly undo: string;
  readonly unmuted: (email: string, kind: string) => string;
  readonly last: (email: string, kind: string) => string;
  readonly notValid: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    kinds: {
      offline: 'hosts that are offline',
      failed: 'refused license renewals',
      expiring: 'expiring licenses',
      ending: 'ending contracts',
    },
    title: 'E-mail notifications',
    asking: (email, kind) => `Stop sending e-mails about ${kind} to ${email}?`,
    stop: 'Stop these e-mails',
    muted: (email, kind) => `E-mails about ${kind} no longer go to ${email}.`,
    undo: 'Undo',
    unmuted: (email, kind) => `E-mails about ${kind} go to ${email} again.`,
    last: (email, kind) =>
      `${email} is the last contact who is told about ${kind}, so these e-mails cannot be stopped. Ask your vendor to add another commercial contact first.`,
    notValid: 'This link is not valid. Use the link in the latest e-mail as it is, or reply to the e-mail.',
  },
  de: {
    kinds: {
      offline: 'nicht erreichbare Hosts',
      failed: 'abgelehnte Lizenzerneuerungen',
      expiring: 'ablaufende Lizenzen',
      ending: 'endende Verträge',
    },
    title: 'E-Mail-Benachrichtigungen',
    asking: (email, kind) => `Keine E-Mails über ${kind} mehr an ${email} senden?`,
    stop: 'Diese E-Mails abbestellen',
    muted: (email, kind) => `E-Mails über ${kind} gehen nicht mehr an ${email}.`,
    undo: 'Rückgängig machen',
    unmuted: (email, kind) => `E-Mails über ${kind} gehen wieder an ${email}.`,
    last: (email, kind) =>
      `${email} ist der letzte Kontakt, der über ${kind} informiert wird. Diese E-Mails lassen sich daher nicht abbestellen. Bitten Sie Ihren Hersteller, zuerst einen weiteren kaufmännischen Kontakt einzutragen.`,
    notValid:
      'Dieser Link ist nicht gültig. Verwenden Sie den Link der neuesten E-Mail unverändert, oder antworten Sie auf die E-Mail.',
  },
  fr: {
    kinds: {
      offline: 'les hôtes hors ligne',
      failed: 'les renouvellements de licence refusés',
      expiring: 'les licences qui expirent',
      ending: 'les contrats qui se terminent',
    },
    title: 'Notifications par e-mail',
    asking: (email, kind) => `Ne plus envoyer à ${email} d’e-mails sur ${kind} ?`,
    stop: 'Ne plus recevoir ces e-mails',
    muted: (email, kind) => `Les e-mails sur ${kind} ne sont plus envoyés à ${email}.`,
    undo: 'Annuler',
    unmuted: (email, kind) => `Les e-mails sur ${kind} sont de nouveau envoyés à ${email}.`,
    last: (email, kind) =>
      `${email} est le dernier contact informé sur ${kind} : ces e-mails ne peuvent pas être arrêtés. Demandez d’abord à votre éditeur d’ajouter un autre contact commercial.`,
    notValid:
      'Ce lien n’est pas valide. Utilisez tel quel le lien du dernier e-mail reçu, ou répondez à cet e-mail.',
  },
};

const STYLE = `:root{color-scheme:light dark}body{margin:0;font:17px/1.55 system-ui,sans-serif;background:light-dark(#f2f5f8,#12181f);color:light-dark(#1c2530,#e8edf2)}
main{max-width:34rem;margin:12vh auto 0;padding:2rem;background:light-dark(#fff,#1b232c);border-radius:.75rem}
h1{font-size:1.25rem;margin:0 0 1rem}p{margin:0 0 1.5rem;overflow-wrap:anywhere}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.5rem;background:#0b63ce;color:#fff;cursor:pointer}
button.quiet{background:none;color:inherit;border:1px solid currentColor}
@media(max-width:36rem){main{margin:0;border-radius:0;min-height:100vh;box-sizing:border-box}}`;

/** The whole page. It has no script: what it does is a form. */
export function mutePage(page: MutePage): string {
  const texts = TEXTS[page.language];
  const [sentence, form] = contentOf(page, texts);
  return `<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escape(texts.title)}</title>
<style>${STYLE}</style>
</head>
<body><main><h1>${escape(texts.title)}</h1><p>${escape(sentence)}</p>${form}</main></body>
</html>
`;
}

/** The sentence, and the button below it. */
function contentOf(page: MutePage, texts: Texts): [sentence: string, form: string] {
  if (page.kind === 'not-valid') return [texts.notValid, ''];
  const { email, kind } = page.wish;
  const about = texts.kinds[kind];
  switch (page.kind) {
    case 'asking':
      return [
        texts.asking(email, about),
        `<form method="post"><button>${escape(texts.stop)}</button></form>`,
      ];
    case 'muted':
      return [
        texts.muted(email, about),
        `<form method="post"><button class="quiet" name="undo" value="1">${escape(texts.undo)}</button></form>`,
      ];
    case 'unmuted':
      return [texts.unmuted(email, about), ''];
    case 'last':
      return [texts.last(email, about), ''];
  }
}

/** The language of the contact with this address. */
export const languageOf = ({ contacts }: Customer, email: string): Language =>
  contacts.find((contact) => contact.email.toLowerCase() === email)?.language ?? 'en';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
