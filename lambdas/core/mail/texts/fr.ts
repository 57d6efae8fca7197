import type { AlertKind } from '../../alerts/kinds.ts';
import type { TimeSpan } from '../dates.ts';
import type { ContractGroup, HostGroup, Texts } from './texts.ts';

/** French sets `:` and `?` off by a space that must not break. */
const NBSP = '\u00a0';
const COLON = `${NBSP}:`;
const ASK = `${NBSP}?`;

const numbers = new Intl.NumberFormat('fr-FR');
const lists = new Intl.ListFormat('fr-FR', { type: 'conjunction' });

const number = (count: number) => numbers.format(count);
const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
const hosts = (count: number) => counted(count, 'hôte', 'hôtes');
const licenses = (count: number) =>
  count === 1 ? 'La licence de 1 hôte' : `Les licences de ${hosts(count)}`;
const inDays = (days: number) =>
  days <= 0 ? 'aujourd’hui' : days === 1 ? 'demain' : `dans ${number(days)} jours`;
const lasting = ({ unit, count }: TimeSpan) =>
  unit === 'day'
    ? `depuis ${counted(count, 'jour', 'jours')}`
    : `depuis ${counted(count, 'heure', 'heures')}`;
const named = (contracts: string | undefined) =>
  contracts === undefined ? '' : ` Merci d’indiquer le contrat${COLON} ${contracts}.`;

const mailsAbout: Readonly<Record<AlertKind, string>> = {
  offline: 'les hôtes hors ligne',
  failed: 'les renouvellements refusés',
  expiring: 'les licences qui expirent',
  ending: 'les contrats qui se terminent',
};

/** `Le contrat PO 4711`, `Les contrats PO 4711 et PO 4712`, `3 contrats`. */
function contractsOf({
  count,
  names,
  product,
  trial,
}: Pick<ContractGroup, 'count' | 'names' | 'product' | 'trial'>) {
  const [one, many] = trial ? ['contrat d’essai', 'contrats d’essai'] : ['contrat', 'contrats'];
  if (names !== undefined) return count === 1 ? `Le ${one} ${names}` : `Les ${many} ${names}`;
  if (count > 1) return `${number(count)} ${many}`;
  return product === undefined ? `Votre ${one}` : `Votre ${one} pour ${product}`;
}

const networkSteps = ({ count }: HostGroup) => {
  const it = count === 1 ? 'l’hôte' : 'chaque hôte';
  return [
    `Vérifiez que ${it} est allumé et connecté au réseau.`,
    `Vérifiez que ${it} accède au service de licences en HTTPS${COLON} pare-feu, proxy, DNS.`,
    'Vérifiez que le renouvellement quotidien y est toujours configuré. Son journal indique ce qui a échoué.',
  ];
};

const retire = ({ count, portal }: HostGroup) => {
  const it = count === 1 ? 'sa licence' : 'leurs licences';
  return portal ? `retirez ${it} dans le portail` : `prévenez votre fournisseur, qui retirera ${it}`;
};

export const fr: Texts = {
  words: {
    whatToDo: `Que faire${ASK}`,
    hostId: 'Identifiant',
    license: 'Licence',
    contract: (count) => (count === 1 ? 'Contrat' : 'Contrats'),
    installation: 'installation',
    lastSeen: 'Dernier contact',
    lastRenewed: 'Dernier renouvellement',
    validUntil: 'Valable jusqu’au',
    expired: 'Expirée',
    refusedSince: 'Refusée depuis le',
    code: 'Code',
    hosts: 'Hôtes',
    ends: 'Fin',
    ended: 'Terminé',
    graceUntil: 'Délai de grâce jusqu’au',
    graceEnded: 'Fin du délai de grâce',
    never: 'jamais',
    nextStarts: 'Début du contrat suivant',
    newOnes: 'Nouveau',
    reminded: 'Toujours en cours',
    recovered: 'Résolu',
  },
  number,
  andAlso: (headline, over) => `${headline}${NBSP}; ${over}`,
  list: (items) => lists.format(items),
  more: (count, kind) =>
    kind === 'ending'
      ? `… et ${counted(count, 'autre, non affiché ici', 'autres, non affichés ici')}`
      : `… et ${counted(count, 'autre hôte, non affiché ici', 'autres hôtes, non affichés ici')}`,
  showAll: 'Tout afficher',
  openPortal: 'Ouvrir le portail',
  vendorNote: (customer) =>
    `Aucun contact de ${customer} n’est joignable par e-mail. Ce message vous parvient donc, en tant que fournisseur. Merci de le transmettre et de corriger les contacts.`,
  why: (customer, kind) =>
    `Vous recevez cet e-mail en tant que contact de ${customer} pour ${mailsAbout[kind]}.`,
  reply: `Des questions${ASK} Répondez simplement à cet e-mail.`,
  mute: (kind) => ({
    text: `Vous ne souhaitez plus d’e-mails sur ${mailsAbout[kind]}${ASK}`,
    link: 'Les désactiver',
  }),
  mustStay:
    'Quelqu’un doit continuer à recevoir les e-mails sur les contrats qui se terminent. Tous les contacts ne peuvent donc pas les désactiver.',

  outlook: ({ count, product, state, until, days, same }) => {
    const runs = product ?? 'le produit';
    const there = count === 1 ? 'sur cet hôte' : 'sur ces hôtes';
    if (state === 'some-expired') {
      return `Certains fichiers de licence ont expiré, le premier le ${until}${COLON} ${runs} n’y fonctionne plus. Sur les autres hôtes, il s’arrêtera peu à peu, tant qu’ils ne se renouvellent pas.`;
    }
    if (state === 'expired') {
      if (!same) {
        return `Les fichiers de licence de ces hôtes ont expiré, le premier le ${until}. Jusqu’au prochain renouvellement, ${runs} n’y fonctionne pas.`;
      }
      const expired =
        count === 1
          ? 'Le fichier de licence de cet hôte a expiré'
          : 'Les fichiers de licence de ces hôtes ont expiré';
      return `${expired} le ${until}. Jusqu’au prochain renouvellement, ${runs} ne fonctionne pas ${there}.`;
    }
    if (!same) {
      return `Le premier des fichiers de licence expire ${inDays(days)}, le ${until}. Sans renouvellement, ${runs} s’arrête sur chaque hôte à l’expiration de son fichier.`;
    }
    const expire =
      count === 1
        ? 'Le fichier de licence de cet hôte expire'
        : 'Les fichiers de licence de ces hôtes expirent';
    return `${expire} ${inDays(days)}, le ${until}. Sans renouvellement, ${runs} s’arrêtera ensuite ${there}.`;
  },
  unknownOutlook: ({ count, product }) =>
    count === 1
      ? `Sans renouvellement, ${product ?? 'le produit'} s’arrête sur cet hôte à l’expiration de son fichier de licence.`
      : `Sans renouvellement, ${product ?? 'le produit'} s’arrête sur chaque hôte à l’expiration de son fichier de licence.`,

  offline: {
    headline: ({ count, still }) =>
      `${hosts(count)} ${count === 1 ? 'est' : 'sont'} ${still ? 'toujours ' : ''}hors ligne`,
    retireHeadline: (count) =>
      count === 1
        ? `1 hôte longtemps hors ligne, licence expirée${COLON} la retirer${ASK}`
        : `${hosts(count)} longtemps hors ligne, licences expirées${COLON} les retirer${ASK}`,
    recovered: (count) => `${hosts(count)} ${count === 1 ? 'est' : 'sont'} de nouveau en ligne`,
    alsoRecovered: (count) => `${number(count)} de nouveau en ligne`,
    recoveredWhat: (count) =>
      count === 1
        ? 'Cet hôte a de nouveau renouvelé sa licence. Tout va bien, vous n’avez rien à faire.'
        : 'Ces hôtes ont de nouveau renouvelé leurs licences. Tout va bien, vous n’avez rien à faire.',
    title: 'Hors ligne',
    retireTitle: `Longtemps hors ligne, licence expirée${COLON} la retirer${ASK}`,
    what: ({ count, since, span }) =>
      count === 1
        ? `Cet hôte est silencieux${span ? ` ${lasting(span)}` : ''}${COLON} sa dernière tentative de renouvellement date du ${since}.`
        : `Ces hôtes n’essaient plus de renouveler leurs licences. Le premier est silencieux${span ? ` ${lasting(span)}` : ''}${COLON} son dernier contact date du ${since}.`,
    steps: (group) => [
      ...networkSteps(group),
      `Si ${group.count === 1 ? 'l’hôte' : 'un hôte'} n’existe plus, ${retire({ ...group, count: 1 })}.`,
    ],
    retireSteps: (group) =>
      group.count === 1
        ? [
            `L’hôte n’existe plus${ASK} Alors ${retire(group)}.`,
            `Vous en avez encore besoin${ASK} Laissez-le se renouveler une fois. Un fichier expiré se renouvelle comme un autre, sans rien installer.`,
          ]
        : [
            `Les hôtes n’existent plus${ASK} Alors ${retire(group)}.`,
            `Vous en avez encore besoin${ASK} Laissez chacun se renouveler une fois. Un fichier expiré se renouvelle comme un autre, sans rien installer.`,
          ],
    lastMail: 'C’est le dernier e-mail à ce sujet.',
  },

  failed: {
    headline: ({ count, still }, reason) =>
      `Renouvellement de licence ${still ? 'toujours ' : ''}refusé pour ${hosts(count)}${reason === undefined ? '' : `${COLON} ${reason}`}`,
    recovered: (count) => `Le renouvellement de licence fonctionne de nouveau pour ${hosts(count)}`,
    alsoRecovered: (count) => counted(count, 'résolu', 'résolus'),
    recoveredWhat: (count) =>
      count === 1
        ? 'Cet hôte a de nouveau renouvelé sa licence. Tout va bien, vous n’avez rien à faire.'
        : 'Ces hôtes ont de nouveau renouvelé leurs licences. Tout va bien, vous n’avez rien à faire.',
    since: ({ count, since, span }) =>
      `${count === 1 ? 'Le renouvellement est refusé' : 'Pour le premier hôte, le renouvellement est refusé'} ${span ? `${lasting(span)}, ` : ''}pour la première fois le ${since}.`,
    reasons: {
      'contract-ended': {
        reason: 'contrat terminé',
        what: () => 'Le contrat et son délai de grâce sont terminés.',
        steps: ({ contracts }) => [
          `Commandez une prolongation auprès de votre fournisseur.${named(contracts)}`,
          'Elle parvient d’elle-même à chaque hôte en 24 heures. Rien à installer.',
        ],
      },
      'contract-not-started': {
        reason: 'contrat pas encore commencé',
        what: () => 'Le contrat commence plus tard.',
        steps: ({ contracts }) => [
          `Si cette date est juste, vous n’avez rien à faire${COLON} le renouvellement réussira de lui-même dès le premier jour.`,
          `Si le contrat devrait déjà avoir commencé, contactez votre fournisseur.${named(contracts)}`,
        ],
      },
      'contract-suspended': {
        reason: 'contrat suspendu',
        what: () => 'Le contrat est suspendu.',
        steps: ({ contracts }) => [
          `Voyez avec votre fournisseur pourquoi.${named(contracts)}`,
          'Dès que le contrat est de nouveau actif, chaque hôte se renouvelle de lui-même en 24 heures.',
        ],
      },
      'license-unknown': {
        reason: 'licence inconnue',
        what: (count) =>
          `Le fichier de licence est authentique, mais le service de licences ne connaît plus ${count === 1 ? 'la licence' : 'les licences'}.`,
        steps: ({ count }) => [
          `Contactez votre fournisseur et indiquez ${count === 1 ? 'la licence' : 'les licences'} ci-dessous.`,
          `Conservez ${count === 1 ? 'le fichier de licence sur l’hôte' : 'les fichiers de licence sur les hôtes'}${COLON} il permet de rétablir la licence.`,
        ],
      },
      'license-revoked': {
        reason: 'licence révoquée',
        what: (count) => `Votre fournisseur a révoqué ${count === 1 ? 'la licence' : 'les licences'}.`,
        steps: ({ count }) => [
          `Si vous avez encore besoin ${count === 1 ? 'de l’hôte' : 'des hôtes'}, contactez votre fournisseur et indiquez ${count === 1 ? 'la licence' : 'les licences'} ci-dessous.`,
          'Sinon, désactivez-y le renouvellement.',
        ],
      },
      'host-limit': {
        reason: 'plus d’hôtes que commandés',
        what: () =>
          'L’installation compte plus d’hôtes sous licence que d’hôtes commandés, et le délai de grâce est écoulé.',
        steps: ({ count, portal }) => [
          `Si ${count === 1 ? 'l’hôte est encore utile' : 'les hôtes sont encore utiles'}, commandez d’autres hôtes à votre fournisseur. Le renouvellement réussit ensuite de lui-même.`,
          portal
            ? `Ou retirez un autre hôte dans le portail${COLON} sa place est alors libre.`
            : `Ou demandez à votre fournisseur de retirer un autre hôte${COLON} sa place est alors libre.`,
        ],
      },
      'starter-lapsed': {
        reason: 'fichier de démarrage périmé',
        what: () => 'Le fichier de démarrage n’a pas été utilisé à temps et n’est plus valable.',
        steps: ({ portal }) => [
          portal
            ? 'Créez un nouveau fichier de démarrage dans le portail.'
            : 'Demandez un nouveau fichier de démarrage à votre fournisseur.',
          'Installez-le sur l’hôte dans les 30 jours. Le premier renouvellement apporte le fichier de licence.',
        ],
      },
    },
    otherTitle: (code) => `Refusé avec le code ${code}`,
    otherWhat: (code, count) =>
      `Le service de licences refuse de renouveler ${count === 1 ? 'la licence' : 'les licences'}, avec le code ${code}.`,
    otherSteps: (code, { contracts }) => [
      `Contactez votre fournisseur et indiquez le code ${code}.${named(contracts)}`,
    ],
  },

  expiring: {
    headline: ({ count }, { state, days, same }) => {
      if (state === 'some-expired') return `${licenses(count)} ont expiré ou expirent bientôt`;
      if (state === 'expired') return `${licenses(count)} ${count === 1 ? 'a' : 'ont'} expiré`;
      return same
        ? `${licenses(count)} ${count === 1 ? 'expire' : 'expirent'} ${inDays(days)}`
        : `${licenses(count)} expirent, la première ${inDays(days)}`;
    },
    recovered: (count) => `${licenses(count)} ${count === 1 ? 'est renouvelée' : 'sont renouvelées'}`,
    alsoRecovered: (count) => counted(count, 'renouvelée', 'renouvelées'),
    recoveredWhat: (count) =>
      count === 1
        ? 'Cet hôte a un nouveau fichier de licence. Tout va bien, vous n’avez rien à faire.'
        : 'Ces hôtes ont de nouveaux fichiers de licence. Tout va bien, vous n’avez rien à faire.',
    title: 'Non renouvelée',
    manualTitle: 'À renouveler à la main',
    what: ({ count, since, span }) =>
      count === 1
        ? `Cet hôte ne renouvelle plus sa licence. Son dernier contact date du ${since}${span ? `, il est silencieux ${lasting(span)}` : ''}.`
        : `Ces hôtes ne renouvellent plus leurs licences. Le dernier contact du premier date du ${since}${span ? `, il est silencieux ${lasting(span)}` : ''}.`,
    manualWhat: ({ count, since }) =>
      count === 1
        ? `Cet hôte n’a pas de connexion au service de licences${COLON} sa licence se renouvelle à la main, la dernière fois le ${since}.`
        : `Ces hôtes n’ont pas de connexion au service de licences${COLON} leurs licences se renouvellent à la main, la première pour la dernière fois le ${since}.`,
    steps: (group) => [
      ...networkSteps(group),
      'Un seul renouvellement réussi suffit, même avec un fichier expiré.',
    ],
    manualSteps: ({ count, portal }) => [
      `Copiez le fichier de licence ${count === 1 ? 'de l’hôte' : 'de chaque hôte'} sur un ordinateur connecté à Internet.`,
      portal
        ? 'Déposez le fichier dans le portail et téléchargez le nouveau.'
        : 'Déposez le fichier auprès du service de licences et téléchargez le nouveau. Votre fournisseur vous indique où.',
      `Remplacez l’ancien fichier par le nouveau sur ${count === 1 ? 'l’hôte' : 'l’hôte concerné'}.`,
    ],
  },

  ending: {
    headline: (phase, group) => {
      const many = group.count > 1;
      const who = contractsOf(group);
      if (phase === 'mixed') return `${who} sont terminés ou se terminent bientôt`;
      if (phase === 'ahead') {
        if (!group.same) return `${who} se terminent, le premier le ${group.ends}`;
        return `${who} ${many ? 'se terminent' : 'se termine'} le ${group.ends}`;
      }
      const ended = `${who} ${many ? 'sont terminés' : 'est terminé'}`;
      return phase === 'grace' && group.grace
        ? `${ended}, ${group.same ? 'délai de grâce' : 'premier délai de grâce'} jusqu’au ${group.grace.until}`
        : ended;
    },
    recovered: (group) => `${contractsOf(group)} ${group.count > 1 ? 'sont prolongés' : 'est prolongé'}`,
    alsoRecovered: (count) => counted(count, 'prolongé', 'prolongés'),
    recoveredWhat: (count) =>
      count === 1
        ? `Il est prolongé, ou un autre contrat prend la suite. Vos hôtes continuent sans interruption${COLON} tout va bien, vous n’avez rien à faire.`
        : `Ils sont prolongés, ou d’autres contrats prennent la suite. Vos hôtes continuent sans interruption${COLON} tout va bien, vous n’avez rien à faire.`,
    title: (phase) =>
      ({ ahead: 'Bientôt terminé', grace: 'Terminé, en délai de grâce', over: 'Terminé' })[phase],
    what: (phase, group) => {
      const { count, names, product, ends, days, same, hosts: ordered, next } = group;
      const many = count > 1;
      const what = names !== undefined && product !== undefined ? ` pour ${product}` : '';
      const gap =
        next === undefined
          ? ''
          : ` Le contrat suivant commence le ${next}${COLON} rien ne couvre le temps entre les deux.`;
      const who = `${contractsOf(group)}${what}`;
      if (phase === 'ahead') {
        const end = same ? (many ? 'se terminent' : 'se termine') : 'se terminent, le premier';
        const cover = ordered > 0 ? ` ${many ? 'Ils couvrent' : 'Il couvre'} ${hosts(ordered)}.` : '';
        const nothing = next === undefined ? ' Rien ne prend la suite pour l’instant.' : '';
        return `${who} ${end} ${inDays(days)}, le ${ends}.${cover}${nothing}${gap}`;
      }
      const ended = same
        ? `${who} ${many ? 'se sont terminés' : 's’est terminé'} le ${ends}.`
        : `${who} sont terminés, le premier depuis le ${ends}.`;
      return `${ended}${ordered > 0 ? ` ${many ? 'Ils couvraient' : 'Il couvrait'} ${hosts(ordered)}.` : ''}${gap}`;
    },
    consequence: (phase, { grace, same }) => {
      const stop = 'les hôtes s’arrêtent à mesure que leurs fichiers de licence expirent';
      if (phase === 'over' || !grace) {
        if (phase === 'ahead') return `Il n’y a pas de délai de grâce${COLON} ensuite, ${stop}.`;
        const over = grace
          ? `Le délai de grâce est terminé lui aussi${same ? `, depuis le ${grace.until}` : ''}. `
          : '';
        return `${over}Sans prolongation, ${stop}.`;
      }
      const until = `${grace.until}${phase === 'grace' ? ` (${inDays(grace.days)})` : ''}`;
      return same
        ? `Un délai de grâce laisse fonctionner les hôtes jusqu’au ${until}. Ensuite, ${stop}.`
        : `Un délai de grâce laisse encore fonctionner les hôtes, les premiers jusqu’au ${until}. Ensuite, ${stop}.`;
    },
    steps: ({ names, trial }) => [
      `Commandez ${trial ? 'un abonnement' : 'une prolongation'} auprès de votre fournisseur.${named(names)}`,
      `${trial ? 'Il parvient de lui-même' : 'Elle parvient d’elle-même'} à chaque hôte en 24 heures. Rien à installer.`,
    ],
  },
};
