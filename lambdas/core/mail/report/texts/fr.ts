import type { ReportTexts } from './report-texts.ts';

const NBSP = '\u00a0';

const numbers = new Intl.NumberFormat('fr-FR');
/** French counts nothing in the singular. */
const counted = (count: number, one: string, many: string) =>
  `${numbers.format(count)} ${count < 2 ? one : many}`;

export const fr: ReportTexts = {
  title: 'Rapport sur les licences',
  headline: {
    none: 'Aucun hôte n’est en service',
    well: (hosts) => `${counted(hosts, 'hôte', 'hôtes')}, tout va bien`,
    attention: (troubled, hosts) =>
      `${numbers.format(troubled)} sur ${counted(hosts, 'hôte', 'hôtes')} ${troubled === 1 ? 'demande' : 'demandent'} votre attention`,
  },
  period: (from, to) => `Vos licences du ${from} au ${to}, et leur état actuel.`,
  health: {
    healthy: 'En bon état',
    offline: 'Hors ligne',
    failing: 'Renouvellement refusé',
    expiring: 'Expire bientôt',
    'not-installed': 'Pas encore installé',
    'not-entitled': 'Aucun contrat en vigueur, ou licence révoquée',
  },
  attention: 'À surveiller',
  state: 'État',
  product: 'Produit',
  reason: 'Motif',
  renewals: {
    title: 'Renouvellements',
    counts: (renewals, refusals) =>
      refusals === 0
        ? `${counted(renewals, 'renouvellement', 'renouvellements')}, aucun refus.`
        : `${counted(renewals, 'renouvellement', 'renouvellements')}. ${counted(refusals, 'tentative a été refusée', 'tentatives ont été refusées')}${NBSP}:`,
    refused: 'Refus',
    times: (count) => `${numbers.format(count)} fois`,
    callerReasons: {
      'host-id-required': 'identifiant de l’hôte manquant',
      'host-mismatch': 'licence d’un autre hôte',
      'license-transferred': 'licence transférée à un autre hôte',
    },
  },
  options: {
    title: 'Au contrat et livré',
    hosts: (licensed, ordered) =>
      `${counted(licensed, 'licence', 'licences')} pour ${counted(ordered, 'hôte commandé', 'hôtes commandés')}`,
    none: 'Aucune option n’est au contrat actuellement.',
    contracted: 'Au contrat',
    delivered: 'Livré',
    everyHost: (quantity) => `${quantity} sur chaque hôte`,
    behindTitle: 'Dernière modification pas encore reçue',
    behind: (hosts) =>
      `${counted(hosts, 'hôte n’a', 'hôtes n’ont')} pas encore reçu la dernière modification de vos contrats et hôtes. Le prochain renouvellement l’apporte.`,
  },
  coming: {
    title: (until) => `À venir jusqu’au ${until}`,
    nothing: 'Rien ne change au contrat.',
    contract: 'Contrat',
    starts: 'Début',
    ends: 'Fin',
    quantity: 'Quantité',
    follows: 'Un autre contrat suit',
    nothingFollows: 'Rien ne suit pour l’instant',
  },
  more: (count) => `… et ${numbers.format(count)} de plus, non affichés ici`,
  why: (customer, every) =>
    `Vous recevez ce rapport ${every === 'week' ? 'chaque semaine' : 'chaque mois'} en tant que contact de ${customer}.`,
  stop: 'Pour le modifier ou l’arrêter, répondez à cet e-mail.',
};
