import type { AlertKind, Language } from '../core/alerts/kinds.ts';

interface About {
  /** The kind of e-mails, as the sentence goes on. */
  readonly mails: string;
  readonly customer: string;
  readonly email: string;
}

type Text = (about: About) => string;

/** What the pages say, in one language. */
interface PageTexts {
  readonly mails: Readonly<Record<AlertKind, string>>;
  readonly ask: { readonly title: Text; readonly text: Text; readonly button: string };
  readonly muted: { readonly title: Text; readonly text: Text; readonly undo: string };
  readonly unmuted: { readonly title: Text; readonly text: Text };
  readonly needed: { readonly title: Text; readonly text: Text; readonly remedy: string };
  readonly invalid: { readonly title: string; readonly text: string };
  readonly unavailable: { readonly title: string; readonly text: string };
}

const en: PageTexts = {
  mails: {
    offline: 'offline hosts',
    failed: 'refused renewals',
    expiring: 'expiring licenses',
    ending: 'ending contracts',
  },
  ask: {
    title: ({ mails }) => `Turn off e-mails about ${mails}?`,
    text: ({ mails, customer, email }) =>
      `${email} gets e-mails about ${mails} of ${customer}. Turn them off here; all other e-mails stay as they are.`,
    button: 'Turn them off',
  },
  muted: {
    title: ({ mails }) => `E-mails about ${mails} are turned off`,
    text: ({ mails, customer, email }) =>
      `${email} gets no more e-mails about ${mails} of ${customer}. An e-mail that is on its way already may still arrive.`,
    undo: 'Undo: turn them on again',
  },
  unmuted: {
    title: ({ mails }) => `E-mails about ${mails} are turned on`,
    text: ({ mails, customer, email }) => `${email} gets e-mails about ${mails} of ${customer} again.`,
  },
  needed: {
    title: ({ mails }) => `E-mails about ${mails} stay turned on`,
    text: ({ mails, customer, email }) =>
      `${email} is the last contact of ${customer} that gets e-mails about ${mails}, and somebody has to get them.`,
    remedy: 'Ask your vendor to add another contact for contracts. After that you can turn them off here.',
  },
  invalid: {
    title: 'This link does not work',
    text: 'The link is damaged or no longer valid. Open it again from the e-mail, or reply to the e-mail to get no more of them.',
  },
  unavailable: {
    title: 'This does not work at the moment',
    text: 'Nothing was changed. Please try again in a minute.',
  },
};

const de: PageTexts = {
  mails: {
    offline: 'Hosts, die offline sind',
    failed: 'abgelehnte Erneuerungen',
    expiring: 'ablaufende Lizenzen',
    ending: 'endende Verträge',
  },
  ask: {
    title: ({ mails }) => `E-Mails zum Thema „${mails}“ abbestellen?`,
    text: ({ mails, customer, email }) =>
      `${email} erhält E-Mails zum Thema „${mails}“ von ${customer}. Hier können Sie sie abbestellen; alle anderen E-Mails bleiben, wie sie sind.`,
    button: 'Abbestellen',
  },
  muted: {
    title: ({ mails }) => `E-Mails zum Thema „${mails}“ sind abbestellt`,
    text: ({ mails, customer, email }) =>
      `${email} erhält keine E-Mails zum Thema „${mails}“ von ${customer} mehr. Eine E-Mail, die schon unterwegs ist, kann noch ankommen.`,
    undo: 'Rückgängig: wieder bestellen',
  },
  unmuted: {
    title: ({ mails }) => `E-Mails zum Thema „${mails}“ sind wieder bestellt`,
    text: ({ mails, customer, email }) =>
      `${email} erhält wieder E-Mails zum Thema „${mails}“ von ${customer}.`,
  },
  needed: {
    title: ({ mails }) => `E-Mails zum Thema „${mails}“ bleiben bestellt`,
    text: ({ mails, customer, email }) =>
      `${email} ist der letzte Kontakt von ${customer}, der E-Mails zum Thema „${mails}“ erhält, und jemand muss sie erhalten.`,
    remedy:
      'Bitten Sie Ihren Anbieter, einen weiteren Kontakt für Verträge einzutragen. Danach können Sie die E-Mails hier abbestellen.',
  },
  invalid: {
    title: 'Dieser Link funktioniert nicht',
    text: 'Der Link ist beschädigt oder nicht mehr gültig. Öffnen Sie ihn noch einmal aus der E-Mail, oder antworten Sie auf die E-Mail, um keine weiteren zu erhalten.',
  },
  unavailable: {
    title: 'Das geht im Moment nicht',
    text: 'Es wurde nichts geändert. Bitte versuchen Sie es in einer Minute noch einmal.',
  },
};

const fr: PageTexts = {
  mails: {
    offline: 'les hôtes hors ligne',
    failed: 'les renouvellements refusés',
    expiring: 'les licences qui expirent',
    ending: 'les contrats qui se terminent',
  },
  ask: {
    title: ({ mails }) => `Ne plus recevoir d’e-mails sur ${mails}\u00a0?`,
    text: ({ mails, customer, email }) =>
      `${email} reçoit des e-mails sur ${mails} de ${customer}. Vous pouvez les désactiver ici\u00a0; tous les autres e-mails restent inchangés.`,
    button: 'Désactiver',
  },
  muted: {
    title: ({ mails }) => `Les e-mails sur ${mails} sont désactivés`,
    text: ({ mails, customer, email }) =>
      `${email} ne reçoit plus d’e-mails sur ${mails} de ${customer}. Un e-mail déjà en route peut encore arriver.`,
    undo: 'Annuler\u00a0: les réactiver',
  },
  unmuted: {
    title: ({ mails }) => `Les e-mails sur ${mails} sont réactivés`,
    text: ({ mails, customer, email }) =>
      `${email} reçoit de nouveau les e-mails sur ${mails} de ${customer}.`,
  },
  needed: {
    title: ({ mails }) => `Les e-mails sur ${mails} restent activés`,
    text: ({ mails, customer, email }) =>
      `${email} est le dernier contact de ${customer} à recevoir les e-mails sur ${mails}, et quelqu’un doit les recevoir.`,
    remedy:
      'Demandez à votre fournisseur d’ajouter un autre contact pour les contrats. Vous pourrez ensuite les désactiver ici.',
  },
  invalid: {
    title: 'Ce lien ne fonctionne pas',
    text: 'Le lien est endommagé ou n’est plus valable. Ouvrez-le de nouveau depuis l’e-mail, ou répondez à l’e-mail pour ne plus en recevoir.',
  },
  unavailable: {
    title: 'Ce n’est pas possible pour le moment',
    text: 'Rien n’a été modifié. Merci de réessayer dans une minute.',
  },
};

const languages: Readonly<Record<Language, PageTexts>> = { en, de, fr };

export const pageTextsIn = (language: Language): PageTexts => languages[language];
