import type { LessOfOption, NoticeTexts } from './notice-texts.ts';

const numbers = new Intl.NumberFormat('fr-FR');
const number = (count: number) => numbers.format(count);
// French counts 0 and 1 in the singular.
const isOne = (count: number) => count < 2;
const hosts = (count: number) => `${number(count)} ${isOne(count) ? 'hôte' : 'hôtes'}`;

const when = ({ from, until }: Pick<LessOfOption, 'from' | 'until'>) => {
  if (until === undefined) return from === undefined ? 'dès maintenant' : `à partir du ${from}`;
  return from === undefined ? `jusqu’au ${until}` : `du ${from} au ${until}`;
};

export const fr: NoticeTexts = {
  invitation: {
    headline: 'Invitation au portail des licences',
    what: (customer, invitedBy) =>
      invitedBy === undefined
        ? `Vous avez désormais accès aux licences de ${customer} dans le portail des licences.`
        : `${invitedBy} vous invite au portail des licences de ${customer}.`,
    may: (role) =>
      role === 'manager'
        ? 'En tant que gestionnaire, vous voyez licences et contrats, répartissez les options, déplacez et retirez des hôtes et invitez d’autres personnes.'
        : 'En tant que lecteur, vous voyez licences et contrats, mais ne changez rien.',
    signInAs: 'Se connecter avec',
    role: 'Rôle',
    roles: { viewer: 'Lecteur', manager: 'Gestionnaire' },
    steps: (portal) => [
      portal
        ? 'Ouvrez le portail et saisissez-y cette adresse e-mail.'
        : 'Demandez l’adresse du portail à votre fournisseur, puis connectez-vous avec cette adresse e-mail.',
      'Vous recevez un code par e-mail. Saisissez-le, et vous êtes connecté.',
    ],
    unexpected:
      'Vous ne vous y attendiez pas\u00a0? Ne faites rien\u00a0: sans connexion de votre part, rien ne se passe.',
  },
  transfer: {
    headline: 'Une licence passe à un autre hôte',
    what: (installation) =>
      `Le transfert d’une licence de ${installation} vers un autre hôte a été déclaré et les conditions ont été acceptées.`,
    oldHost:
      'L’ancien hôte continue de renouveler jusqu’au premier renouvellement du nouveau. Ensuite, il est refusé.',
    neverBound: 'Aucun hôte n’a encore utilisé cette licence.',
    overlap: (until) =>
      `Le fichier de licence actuel de l’ancien hôte est valable jusqu’au ${until}, et plus longtemps s’il renouvelle encore avant le transfert.`,
    from: 'Ancien hôte',
    to: 'Nouvel hôte',
    unnamed: 'pas encore nommé',
    acceptedBy: 'Acceptées par',
    terms: 'Conditions, version',
    acceptedAt: 'Acceptées le',
    steps: ({ byStarterFile, byHostId, replacesHost, portal }) => [
      byStarterFile
        ? portal
          ? 'Téléchargez dans le portail le fichier de démarrage de ce transfert et installez-le sur le nouvel hôte.'
          : 'Installez le fichier de démarrage de ce transfert sur le nouvel hôte.'
        : 'Installez le fichier de licence de l’ancien hôte sur le nouveau.',
      byHostId
        ? 'Renouvelez-y la licence. Le nouvel hôte est reconnu à son identifiant, et il a pris le relais.'
        : 'Renouvelez-y la licence. Le nouvel hôte a alors pris le relais.',
      ...(replacesHost
        ? ['N’utilisez plus le produit sur l’ancien hôte et désactivez-y le renouvellement.']
        : []),
      portal
        ? 'Personne chez vous ne l’a voulu\u00a0? Annulez le transfert dans le portail avant que le nouvel hôte ne renouvelle.'
        : 'Personne chez vous ne l’a voulu\u00a0? Prévenez votre fournisseur avant que le nouvel hôte ne renouvelle.',
    ],
    why: 'Vous recevez cet e-mail parce que vous avez déclaré le transfert ou que vous êtes contact technique.',
  },
  change: {
    headline: ({ what, count, from, ends }) => {
      const since = from === undefined ? 'dès maintenant' : `à partir du ${from}`;
      if (what === 'options') return `Moins d’options sur ${hosts(count)} ${since}`;
      return what === 'all-hosts'
        ? `Les licences de ${hosts(count)} prennent fin ${from === undefined ? 'maintenant' : `le ${ends}`}`
        : `Moins d’hôtes commandés\u00a0: ${hosts(count)} ${isOne(count) ? 'refusé' : 'refusés'} ${since}`;
    },
    what: (contract, received) =>
      `La commande du contrat ${contract}, reçue le ${received}, retire quelque chose qui était commandé auparavant.`,
    fetched:
      'Vos hôtes reçoivent le changement à leur prochain renouvellement\u00a0; il n’y a rien à installer.',
    hostsTitle: (installation) => `Hôtes de ${installation}`,
    ordered: (less, licensed) =>
      `${hosts(less.after)} ${isOne(less.after) ? 'est commandé' : 'sont commandés'} au lieu de ${number(less.before)}, ${when(less)}\u00a0; ${number(licensed)} ${isOne(licensed) ? 'a' : 'ont'} une licence.`,
    refused: ({ count, from, same }) =>
      `${from === undefined ? 'Dès maintenant' : `À partir du ${from}`}, ${isOne(count) ? 'cet hôte ne renouvelle plus' : same ? 'ces hôtes ne renouvellent plus' : 'les premiers de ces hôtes ne renouvellent plus'}.`,
    latestFirst: 'Les derniers déclarés sont refusés, sauf si vous choisissez autrement d’ici là.',
    stop: 'Le produit s’y arrête quand le fichier de licence a expiré.',
    steps: (all, portal) =>
      all
        ? [
            'Ce n’est pas ce que vous vouliez\u00a0? Demandez à votre fournisseur de commander à nouveau\u00a0; le renouvellement réussit alors de lui-même.',
          ]
        : [
            portal
              ? 'Pour choisir autrement, retirez d’autres hôtes dans le portail. Chacun laisse sa place à l’un de ceux-ci.'
              : 'Pour choisir autrement, faites retirer d’autres hôtes par votre fournisseur. Chacun laisse sa place à l’un de ceux-ci.',
            'Pour les garder tous, commandez plus d’hôtes. Il n’y a rien à réinstaller.',
          ],
    refusedFrom: 'Refusé à partir du',
    atOnce: 'maintenant',
    optionsTitle: (installation) => `Options de ${installation}`,
    less: (less) => `${number(less.after)} au lieu de ${number(less.before)}, ${when(less)}`,
    moreHosts: (count) =>
      `… et ${number(count)} ${isOne(count) ? 'autre hôte' : 'autres hôtes'}, non ${isOne(count) ? 'listé' : 'listés'} ici`,
    moreChanges: 'Autres changements',
    why: (customer) =>
      `Vous recevez cet e-mail parce que vous êtes un contact de ${customer}. Tous les contacts apprennent ce qu’une commande retire.`,
  },
};
