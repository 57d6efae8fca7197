import type { AlertKind } from '../../alerts/kinds.ts';
import type { TimeSpan } from '../dates.ts';
import type { ContractGroup, HostGroup, Texts } from './texts.ts';

const numbers = new Intl.NumberFormat('de-DE');
const lists = new Intl.ListFormat('de-DE', { type: 'conjunction' });

const number = (count: number) => numbers.format(count);
const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
const hosts = (count: number) => counted(count, 'Host', 'Hosts');
const licenses = (count: number) => (count === 1 ? 'Lizenz von 1 Host' : `Lizenzen von ${hosts(count)}`);
const inDays = (days: number) => (days <= 0 ? 'heute' : days === 1 ? 'morgen' : `in ${number(days)} Tagen`);
const lasting = ({ unit, count }: TimeSpan) =>
  unit === 'day' ? `seit ${counted(count, 'Tag', 'Tagen')}` : `seit ${counted(count, 'Stunde', 'Stunden')}`;
const named = (contracts: string | undefined) =>
  contracts === undefined ? '' : ` Bitte nennen Sie den Vertrag: ${contracts}.`;

const mailsAbout: Readonly<Record<AlertKind, string>> = {
  offline: 'Hosts, die offline sind',
  failed: 'abgelehnte Erneuerungen',
  expiring: 'ablaufende Lizenzen',
  ending: 'endende Verträge',
};

/** `Vertrag PO 4711`, `Verträge PO 4711 und PO 4712`, `3 Verträge`. */
function contractsOf({
  count,
  names,
  product,
  trial,
}: Pick<ContractGroup, 'count' | 'names' | 'product' | 'trial'>) {
  const [one, many] = trial ? ['Testvertrag', 'Testverträge'] : ['Vertrag', 'Verträge'];
  if (names !== undefined) return `${count === 1 ? one : many} ${names}`;
  if (count > 1) return `${number(count)} ${many}`;
  return product === undefined ? `Ihr ${one}` : `Ihr ${one} für ${product}`;
}

const networkSteps = ({ count }: HostGroup) => {
  const it = count === 1 ? 'der Host' : 'jeder Host';
  return [
    `Prüfen Sie, ob ${it} eingeschaltet und mit dem Netz verbunden ist.`,
    `Prüfen Sie, ob ${it} den Lizenzdienst über HTTPS erreicht: Firewall, Proxy, DNS.`,
    'Prüfen Sie, ob die tägliche Erneuerung dort noch eingerichtet ist. Das Protokoll sagt, was schiefging.',
  ];
};

const retire = ({ count, portal }: HostGroup) => {
  if (portal) return `legen Sie ${count === 1 ? 'seine Lizenz' : 'ihre Lizenzen'} im Portal still`;
  return `sagen Sie es Ihrem Anbieter, der ${count === 1 ? 'die Lizenz' : 'die Lizenzen'} stilllegt`;
};

export const de: Texts = {
  words: {
    whatToDo: 'Was ist zu tun?',
    hostId: 'Host-ID',
    license: 'Lizenz',
    contract: (count) => (count === 1 ? 'Vertrag' : 'Verträge'),
    installation: 'Installation',
    lastSeen: 'Zuletzt gemeldet',
    lastRenewed: 'Zuletzt erneuert',
    validUntil: 'Gültig bis',
    expired: 'Abgelaufen',
    refusedSince: 'Abgelehnt seit',
    code: 'Code',
    hosts: 'Hosts',
    ends: 'Endet',
    ended: 'Beendet',
    graceUntil: 'Kulanzfrist bis',
    graceEnded: 'Ende der Kulanzfrist',
    never: 'nie',
    nextStarts: 'Nächster Vertrag ab',
    newOnes: 'Neu',
    reminded: 'Weiterhin offen',
    recovered: 'Erledigt',
  },
  number,
  andAlso: (headline, over) => `${headline}; ${over}`,
  list: (items) => lists.format(items),
  more: (count, kind) =>
    kind === 'ending'
      ? `… und ${number(count)} weitere, hier nicht aufgeführt`
      : `… und ${counted(count, 'weiterer Host, der hier nicht aufgeführt ist', 'weitere Hosts, die hier nicht aufgeführt sind')}`,
  showAll: 'Alle anzeigen',
  openPortal: 'Portal öffnen',
  vendorNote: (customer) =>
    `Kein Kontakt von ${customer} ist per E-Mail erreichbar. Deshalb geht diese Nachricht an Sie als Anbieter. Bitte geben Sie sie weiter und berichtigen Sie die Kontakte.`,
  why: (customer, kind) =>
    `Sie erhalten diese E-Mail als Kontakt von ${customer} für das Thema „${mailsAbout[kind]}“.`,
  reply: 'Fragen? Antworten Sie einfach auf diese E-Mail.',
  mute: (kind) => ({
    text: `Sie möchten keine E-Mails zum Thema „${mailsAbout[kind]}“?`,
    link: 'Abbestellen',
  }),
  mustStay:
    'E-Mails über endende Verträge muss weiterhin jemand erhalten. Deshalb können nicht alle Kontakte sie abbestellen.',

  outlook: ({ count, product, state, until, days, same }) => {
    const runs = product ?? 'das Produkt';
    const there = count === 1 ? 'auf diesem Host' : 'auf diesen Hosts';
    const [files, run, are] =
      count === 1
        ? ['Die Lizenzdatei auf diesem Host', 'läuft', 'ist']
        : ['Die Lizenzdateien auf diesen Hosts', 'laufen', 'sind'];
    if (state === 'some-expired') {
      return `Einige der Lizenzdateien sind abgelaufen, die erste am ${until}: Dort läuft ${runs} nicht mehr. Auf den anderen Hosts endet der Betrieb nach und nach, solange sie nicht erneuern.`;
    }
    if (state === 'expired') {
      return same
        ? `${files} ${are} am ${until} abgelaufen. Bis zur nächsten Erneuerung läuft ${runs} ${there} nicht.`
        : `${files} sind abgelaufen, die erste am ${until}. Bis zur nächsten Erneuerung läuft ${runs} dort nicht.`;
    }
    return same
      ? `${files} ${run} ${inDays(days)} ab, am ${until}. Ohne Erneuerung läuft ${runs} ${there} danach nicht mehr.`
      : `Die erste der Lizenzdateien läuft ${inDays(days)} ab, am ${until}. Ohne Erneuerung läuft ${runs} auf jedem Host nur, bis seine Datei abläuft.`;
  },
  unknownOutlook: ({ count, product }) =>
    count === 1
      ? `Ohne Erneuerung läuft ${product ?? 'das Produkt'} auf diesem Host nur, bis seine Lizenzdatei abläuft.`
      : `Ohne Erneuerung läuft ${product ?? 'das Produkt'} auf jedem Host nur, bis seine Lizenzdatei abläuft.`,

  offline: {
    headline: ({ count, still }) =>
      `${hosts(count)} ${count === 1 ? 'ist' : 'sind'} ${still ? 'weiterhin ' : ''}offline`,
    retireHeadline: (count) =>
      count === 1
        ? '1 Host ist lange offline, seine Lizenz ist abgelaufen: stilllegen?'
        : `${hosts(count)} sind lange offline, ihre Lizenzen sind abgelaufen: stilllegen?`,
    recovered: (count) => `${hosts(count)} ${count === 1 ? 'ist' : 'sind'} wieder online`,
    alsoRecovered: (count) => `${number(count)} wieder online`,
    recoveredWhat: (count) =>
      count === 1
        ? 'Dieser Host hat seine Lizenz wieder erneuert. Alles in Ordnung, Sie müssen nichts tun.'
        : 'Diese Hosts haben ihre Lizenzen wieder erneuert. Alles in Ordnung, Sie müssen nichts tun.',
    title: 'Offline',
    retireTitle: 'Lange offline, Lizenz abgelaufen: stilllegen?',
    what: ({ count, since, span }) =>
      count === 1
        ? `Dieser Host meldet sich${span ? ` ${lasting(span)}` : ''} nicht mehr. Zuletzt hat er am ${since} versucht, seine Lizenz zu erneuern.`
        : `Diese Hosts versuchen nicht mehr, ihre Lizenzen zu erneuern. Der erste meldet sich${span ? ` ${lasting(span)}` : ''} nicht mehr, zuletzt am ${since}.`,
    steps: (group) => [
      ...networkSteps(group),
      `Falls ${group.count === 1 ? 'es den Host' : 'es einen Host'} nicht mehr gibt, ${retire({ ...group, count: 1 })}.`,
    ],
    retireSteps: (group) =>
      group.count === 1
        ? [
            `Gibt es den Host nicht mehr? Dann ${retire(group)}.`,
            'Wird er noch gebraucht? Lassen Sie ihn einmal erneuern. Das geht auch mit einer abgelaufenen Datei, und nichts muss installiert werden.',
          ]
        : [
            `Gibt es die Hosts nicht mehr? Dann ${retire(group)}.`,
            'Werden sie noch gebraucht? Lassen Sie jeden einmal erneuern. Das geht auch mit einer abgelaufenen Datei, und nichts muss installiert werden.',
          ],
    lastMail: 'Dies ist die letzte E-Mail dazu.',
  },

  failed: {
    headline: ({ count, still }, reason) =>
      `Lizenzerneuerung von ${hosts(count)} wird ${still ? 'weiterhin ' : ''}abgelehnt${reason === undefined ? '' : `: ${reason}`}`,
    recovered: (count) => `Lizenzerneuerung von ${hosts(count)} funktioniert wieder`,
    alsoRecovered: (count) => `${number(count)} behoben`,
    recoveredWhat: (count) =>
      count === 1
        ? 'Dieser Host hat seine Lizenz wieder erneuert. Alles in Ordnung, Sie müssen nichts tun.'
        : 'Diese Hosts haben ihre Lizenzen wieder erneuert. Alles in Ordnung, Sie müssen nichts tun.',
    since: ({ count, since, span }) =>
      `${count === 1 ? 'Die Erneuerung wird' : 'Beim ersten Host wird die Erneuerung'} ${span ? `${lasting(span)} ` : ''}abgelehnt, zuerst am ${since}.`,
    reasons: {
      'contract-ended': {
        reason: 'Vertrag beendet',
        what: () => 'Der Vertrag und seine Kulanzfrist sind abgelaufen.',
        steps: ({ contracts }) => [
          `Bestellen Sie bei Ihrem Anbieter eine Verlängerung.${named(contracts)}`,
          'Sie erreicht jeden Host innerhalb von 24 Stunden von selbst. Nichts muss installiert werden.',
        ],
      },
      'contract-not-started': {
        reason: 'Vertrag hat noch nicht begonnen',
        what: () => 'Der Vertrag beginnt erst später.',
        steps: ({ contracts }) => [
          'Stimmt der Beginn, müssen Sie nichts tun: Vom ersten Tag an gelingt die Erneuerung von selbst.',
          `Hätte er schon beginnen sollen, wenden Sie sich an Ihren Anbieter.${named(contracts)}`,
        ],
      },
      'contract-suspended': {
        reason: 'Vertrag ausgesetzt',
        what: () => 'Der Vertrag ist ausgesetzt.',
        steps: ({ contracts }) => [
          `Klären Sie mit Ihrem Anbieter, warum.${named(contracts)}`,
          'Sobald der Vertrag wieder aktiv ist, erneuert jeder Host innerhalb von 24 Stunden von selbst.',
        ],
      },
      'license-unknown': {
        reason: 'Lizenz unbekannt',
        what: (count) =>
          `Die Lizenzdatei ist echt, aber der Lizenzdienst kennt ${count === 1 ? 'die Lizenz' : 'die Lizenzen'} nicht mehr.`,
        steps: ({ count }) => [
          `Wenden Sie sich an Ihren Anbieter und nennen Sie ${count === 1 ? 'die Lizenz' : 'die Lizenzen'} unten.`,
          `Bewahren Sie ${count === 1 ? 'die Lizenzdatei auf dem Host' : 'die Lizenzdateien auf den Hosts'} auf: Damit lässt sich die Lizenz wiederherstellen.`,
        ],
      },
      'license-revoked': {
        reason: 'Lizenz widerrufen',
        what: (count) => `Ihr Anbieter hat ${count === 1 ? 'die Lizenz' : 'die Lizenzen'} widerrufen.`,
        steps: ({ count }) => [
          `${count === 1 ? 'Wird der Host noch gebraucht, wenden Sie sich an Ihren Anbieter und nennen Sie die Lizenz' : 'Werden die Hosts noch gebraucht, wenden Sie sich an Ihren Anbieter und nennen Sie die Lizenzen'} unten.`,
          'Wenn nicht, schalten Sie die Erneuerung dort ab.',
        ],
      },
      'host-limit': {
        reason: 'mehr Hosts als bestellt',
        what: () =>
          'Die Installation hat mehr lizenzierte Hosts als bestellt, und die Karenzzeit dafür ist vorbei.',
        steps: ({ count, portal }) => [
          `Wenn Sie ${count === 1 ? 'den Host' : 'die Hosts'} noch brauchen, bestellen Sie bei Ihrem Anbieter mehr Hosts. Die Erneuerung gelingt dann von selbst.`,
          portal
            ? 'Oder legen Sie im Portal einen anderen Host still: Sein Platz ist dann frei.'
            : 'Oder lassen Sie Ihren Anbieter einen anderen Host stilllegen: Sein Platz ist dann frei.',
        ],
      },
      'starter-lapsed': {
        reason: 'Startdatei verfallen',
        what: () => 'Die Startdatei wurde nicht rechtzeitig verwendet und ist verfallen.',
        steps: ({ portal }) => [
          portal
            ? 'Erstellen Sie im Portal eine neue Startdatei.'
            : 'Bitten Sie Ihren Anbieter um eine neue Startdatei.',
          'Installieren Sie sie innerhalb von 30 Tagen auf dem Host. Mit der ersten Erneuerung kommt die Lizenzdatei.',
        ],
      },
    },
    otherTitle: (code) => `Abgelehnt mit dem Code ${code}`,
    otherWhat: (code, count) =>
      `Der Lizenzdienst lehnt die Erneuerung ${count === 1 ? 'der Lizenz' : 'der Lizenzen'} mit dem Code ${code} ab.`,
    otherSteps: (code, { contracts }) => [
      `Wenden Sie sich an Ihren Anbieter und nennen Sie den Code ${code}.${named(contracts)}`,
    ],
  },

  expiring: {
    headline: ({ count }, { state, days, same }) => {
      if (state === 'some-expired') return `${licenses(count)} sind abgelaufen oder laufen bald ab`;
      if (state === 'expired') return `${licenses(count)} ${count === 1 ? 'ist' : 'sind'} abgelaufen`;
      return same
        ? `${licenses(count)} ${count === 1 ? 'läuft' : 'laufen'} ${inDays(days)} ab`
        : `${licenses(count)} laufen ab, die erste ${inDays(days)}`;
    },
    recovered: (count) => `${licenses(count)} ${count === 1 ? 'ist' : 'sind'} erneuert`,
    alsoRecovered: (count) => `${number(count)} erneuert`,
    recoveredWhat: (count) =>
      count === 1
        ? 'Dieser Host hat eine neue Lizenzdatei. Alles in Ordnung, Sie müssen nichts tun.'
        : 'Diese Hosts haben neue Lizenzdateien. Alles in Ordnung, Sie müssen nichts tun.',
    title: 'Nicht erneuert',
    manualTitle: 'Von Hand zu erneuern',
    what: ({ count, since, span }) =>
      count === 1
        ? `Dieser Host erneuert seine Lizenz nicht mehr. Zuletzt hat er sich am ${since} gemeldet${span ? ` und schweigt ${lasting(span)}` : ''}.`
        : `Diese Hosts erneuern ihre Lizenzen nicht mehr. Der erste hat sich zuletzt am ${since} gemeldet${span ? ` und schweigt ${lasting(span)}` : ''}.`,
    manualWhat: ({ count, since }) =>
      count === 1
        ? `Dieser Host hat keine Verbindung zum Lizenzdienst: Seine Lizenz wird von Hand erneuert, zuletzt am ${since}.`
        : `Diese Hosts haben keine Verbindung zum Lizenzdienst: Ihre Lizenzen werden von Hand erneuert, die erste zuletzt am ${since}.`,
    steps: (group) => [
      ...networkSteps(group),
      'Eine gelungene Erneuerung genügt, auch mit einer abgelaufenen Datei.',
    ],
    manualSteps: ({ count, portal }) => [
      `Kopieren Sie die Lizenzdatei ${count === 1 ? 'des Hosts' : 'jedes Hosts'} auf einen Computer mit Internetzugang.`,
      portal
        ? 'Laden Sie die Datei im Portal hoch und die neue herunter.'
        : 'Laden Sie die Datei beim Lizenzdienst hoch und die neue herunter. Ihr Anbieter sagt Ihnen, wo.',
      `Ersetzen Sie auf dem ${count === 1 ? 'Host' : 'jeweiligen Host'} die alte Datei durch die neue.`,
    ],
  },

  ending: {
    headline: (phase, group) => {
      const many = group.count > 1;
      const who = contractsOf(group);
      if (phase === 'mixed') return `${who} sind beendet oder enden bald`;
      if (phase === 'ahead') {
        if (!group.same) return `${who} enden, der erste am ${group.ends}`;
        return `${who} ${many ? 'enden' : 'endet'} am ${group.ends}`;
      }
      const ended = `${who} ${many ? 'sind' : 'ist'} beendet`;
      return phase === 'grace' && group.grace
        ? `${ended}, ${group.same ? 'Kulanzfrist' : 'erste Kulanzfrist'} bis ${group.grace.until}`
        : ended;
    },
    recovered: (group) => `${contractsOf(group)} ${group.count > 1 ? 'sind' : 'ist'} verlängert`,
    alsoRecovered: (count) => `${number(count)} verlängert`,
    recoveredWhat: (count) =>
      count === 1
        ? 'Er ist verlängert, oder ein anderer Vertrag schließt an. Ihre Hosts laufen ohne Unterbrechung weiter: Alles in Ordnung, Sie müssen nichts tun.'
        : 'Sie sind verlängert, oder andere Verträge schließen an. Ihre Hosts laufen ohne Unterbrechung weiter: Alles in Ordnung, Sie müssen nichts tun.',
    title: (phase) => ({ ahead: 'Endet bald', grace: 'Beendet, in der Kulanzfrist', over: 'Beendet' })[phase],
    what: (phase, group) => {
      const { count, names, product, ends, days, same, hosts: ordered, next } = group;
      const many = count > 1;
      const what = names !== undefined && product !== undefined ? ` für ${product}` : '';
      const gap =
        next === undefined
          ? ''
          : ` Der nächste Vertrag beginnt am ${next}; die Zeit dazwischen deckt keiner ab.`;
      const who = `${contractsOf(group)}${what}`;
      if (phase === 'ahead') {
        const end = same ? (many ? 'enden' : 'endet') : 'enden, der erste';
        const cover = ordered > 0 ? ` ${many ? 'Sie gelten' : 'Er gilt'} für ${hosts(ordered)}.` : '';
        const nothing = next === undefined ? ' Bisher schließt nichts an.' : '';
        return `${who} ${end} ${inDays(days)}, am ${ends}.${cover}${nothing}${gap}`;
      }
      const ended = same
        ? `${who} ${many ? 'endeten' : 'endete'} am ${ends}.`
        : `${who} sind beendet, der erste seit ${ends}.`;
      return `${ended}${ordered > 0 ? ` ${many ? 'Sie galten' : 'Er galt'} für ${hosts(ordered)}.` : ''}${gap}`;
    },
    consequence: (phase, { grace, same }) => {
      const stop = 'bleiben die Hosts stehen, sobald ihre Lizenzdateien ablaufen';
      if (phase === 'over' || !grace) {
        if (phase === 'ahead') return `Eine Kulanzfrist gibt es nicht: Danach ${stop}.`;
        const over = grace
          ? `Auch die Kulanzfrist ist vorbei${same ? `: Sie endete am ${grace.until}` : ''}. `
          : '';
        return `${over}Ohne Verlängerung ${stop}.`;
      }
      const until = `${grace.until}${phase === 'grace' ? ` (${inDays(grace.days)})` : ''}`;
      return same
        ? `In der Kulanzfrist laufen die Hosts bis ${until} weiter. Danach ${stop}.`
        : `In der Kulanzfrist laufen die Hosts noch weiter, die ersten bis ${until}. Danach ${stop}.`;
    },
    steps: ({ names, trial }) => [
      `Bestellen Sie bei Ihrem Anbieter ${trial ? 'ein Abonnement' : 'eine Verlängerung'}.${named(names)}`,
      `${trial ? 'Es' : 'Sie'} erreicht jeden Host innerhalb von 24 Stunden von selbst. Nichts muss installiert werden.`,
    ],
  },
};
