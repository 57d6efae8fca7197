import type { ReportTexts } from './report-texts.ts';

const numbers = new Intl.NumberFormat('de-DE');
const counted = (count: number, one: string, many: string) =>
  `${numbers.format(count)} ${count === 1 ? one : many}`;

export const de: ReportTexts = {
  titled: (headline) => `Lizenzbericht: ${headline}`,
  headline: {
    none: 'Kein Host ist in Betrieb',
    cannotRenew: (hosts) => counted(hosts, 'Host kann nicht erneuern', 'Hosts können nicht erneuern'),
    well: (hosts) => counted(hosts, 'Host ist in Ordnung', 'Hosts sind in Ordnung'),
    attention: (troubled, hosts) =>
      `${numbers.format(troubled)} von ${counted(hosts, 'Host', 'Hosts')} ${troubled === 1 ? 'braucht' : 'brauchen'} Aufmerksamkeit`,
    inGrace: (hosts) => `${counted(hosts, 'Host', 'Hosts')} in der Kulanzfrist, Vertrag beendet`,
    endings: (contracts) => counted(contracts, 'Vertrag endet', 'Verträge enden'),
  },
  period: (from, to) => `Ihre Lizenzen vom ${from} bis ${to}, und wie sie jetzt stehen.`,
  health: {
    healthy: 'In Ordnung',
    'in-grace': 'Vertrag beendet, in der Kulanzfrist',
    offline: 'Offline',
    failing: 'Erneuerung abgelehnt',
    expiring: 'Läuft ab',
    'not-installed': 'Noch nicht installiert',
    'not-entitled': 'Kein Vertrag in Kraft, oder Lizenz widerrufen',
  },
  attention: 'Brauchen Aufmerksamkeit',
  state: 'Zustand',
  product: 'Produkt',
  reason: 'Grund',
  renewals: {
    title: 'Erneuerungen',
    counts: (renewals, refusals) =>
      refusals === 0
        ? `${counted(renewals, 'Erneuerung', 'Erneuerungen')}, keine wurde abgelehnt.`
        : `${counted(renewals, 'Erneuerung', 'Erneuerungen')}. ${counted(refusals, 'Versuch wurde', 'Versuche wurden')} abgelehnt:`,
    refused: 'Abgelehnt',
    times: (count) => `${numbers.format(count)}-mal`,
    callerReasons: {
      'host-id-required': 'Host-ID fehlt',
      'host-known': 'Host hat eine andere Lizenz',
      'host-mismatch': 'Lizenz eines anderen Hosts',
      'license-retired': 'Lizenz wurde stillgelegt',
      'license-transferred': 'Lizenz ist auf einen anderen Host umgezogen',
    },
  },
  options: {
    title: 'Vertraglich und ausgeliefert',
    hosts: (licensed, ordered) =>
      `${numbers.format(licensed)} von ${counted(ordered, 'Host', 'Hosts')} lizenziert`,
    none: 'zurzeit keine Optionen',
    noContract: 'kein Vertrag in Kraft',
    more: (installations) =>
      `… und ${counted(installations, 'weitere Installation', 'weitere Installationen')}, hier nicht aufgeführt`,
    contracted: 'Vertraglich',
    delivered: 'Ausgeliefert',
    everyHost: (quantity) => `${quantity} auf jedem Host`,
    behindTitle: 'Letzte Änderung noch nicht abgeholt',
    behind: (hosts) =>
      `${counted(hosts, 'Host hat', 'Hosts haben')} die letzte Änderung Ihrer Verträge und Hosts noch nicht abgeholt. Die nächste Erneuerung bringt sie.`,
  },
  coming: {
    title: (until) => `Was bis ${until} kommt`,
    nothing: 'Vertraglich ändert sich nichts.',
    contract: 'Vertrag',
    starts: 'Beginnt',
    quantity: 'Menge',
    follows: 'Ein anderer Vertrag folgt',
    nothingFollows: 'Bisher folgt nichts',
    hostsStop: 'Bisher folgt nichts, danach stehen Hosts still',
  },
  more: (count) => `… und ${numbers.format(count)} weitere, hier nicht aufgeführt`,
  why: (customer, every) =>
    `Sie erhalten diesen Bericht ${every === 'week' ? 'jede Woche' : 'jeden Monat'}, weil er für Sie als Kontakt von ${customer} eingerichtet wurde.`,
  stop: 'Um ihn zu ändern oder abzubestellen, antworten Sie auf diese E-Mail.',
};
