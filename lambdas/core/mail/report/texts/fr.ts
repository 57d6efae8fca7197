import type { ReportTexts } from './report-texts.ts';

const NBSP = '\u00a0';

const numbers = new Intl.NumberFormat('fr-FR');
/** French counts nothing in the singular. */
const counted = (count: number, one: string, many: string) =>
  `${numbers.format(count)} ${count < 2 ? one : many}`;

export const fr: ReportTexts = {
  titled: (headline) => `Rapport sur les licences${NBSP}: ${headline}`,
  headline: {
    none: 'Aucun hôte n’est en service',
    cannotRenew: (hosts) =>
      counted(
        hosts,
        'hôte ne peut pas renouveler sa licence',
        'hôtes ne peuvent pas renouveler leur licence',
      ),
    well: (hosts) => counted(hosts, 'hôte est en bon état', 'hôtes sont en bon état'),
    attention: (troubled, hosts) =>
      `${numbers.format(troubled)} sur ${counted(hosts, 'hôte', 'hôtes')} ${troubled === 1 ? 'demande' : 'demandent'} votre attention`,
    inGrace: (hosts) => `${counted(hosts, 'hôte', 'hôtes')} en délai de grâce, contrat terminé`,
    endings: (contracts) => counted(contracts, 'contrat se termine', 'contrats se terminent'),
  },
  period: (from, to) => `Vos licences du ${from} au ${to}, et leur état actuel.`,
  health: {
    healthy: 'En bon état',
    'in-grace': 'Contrat terminé, en délai de grâce',
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
      'host-known': 'l’hôte a une autre licence',
      'host-mismatch': 'licence d’un autre hôte',
      'license-retired': 'licence retirée',
      'license-transferred': 'licence transférée à un autre hôte',
    },
  },
  options: {
    title: 'Au contrat et livré',
    hosts: (licensed, ordered) =>
      `${counted(licensed, 'licence', 'licences')} pour ${counted(ordered, 'hôte commandé', 'hôtes commandés')}`,
    none: 'aucune option actuellement',
    noContract: 'aucun contrat en vigueur',
    more: (installations) =>
      `… et ${counted(installations, 'autre installation, non affichée ici', 'autres installations, non affichées ici')}`,
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
    quantity: 'Quantité',
    follows: 'Un autre contrat suit',
    nothingFollows: 'Rien ne suit pour l’instant',
    hostsStop: 'Rien ne suit pour l’instant, les hôtes s’arrêtent alors',
  },
  more: (count) => `… et ${numbers.format(count)} de plus, non affichés ici`,
  why: (customer, every) =>
    `Vous recevez ce rapport ${every === 'week' ? 'chaque semaine' : 'chaque mois'} en tant que contact de ${customer}.`,
  stop: 'Pour le modifier ou l’arrêter, répondez à cet e-mail.',
};
