import type { LessOfOption, NoticeTexts } from './notice-texts.ts';

const numbers = new Intl.NumberFormat('de-DE');
const number = (count: number) => numbers.format(count);
const hosts = (count: number) => `${number(count)} ${count === 1 ? 'Host' : 'Hosts'}`;

const when = ({ from, until }: Pick<LessOfOption, 'from' | 'until'>) => {
  if (until === undefined) return from === undefined ? 'ab sofort' : `ab ${from}`;
  return from === undefined ? `bis ${until}` : `vom ${from} bis ${until}`;
};

export const de: NoticeTexts = {
  invitation: {
    headline: 'Sie sind zum Lizenzportal eingeladen',
    what: (customer, invitedBy) =>
      invitedBy === undefined
        ? `Sie haben jetzt Zugang zu den Lizenzen von ${customer} im Lizenzportal.`
        : `${invitedBy} hat Sie zum Lizenzportal von ${customer} eingeladen.`,
    may: (role) =>
      role === 'manager'
        ? 'Als Verwalter sehen Sie Lizenzen und Verträge, verteilen Optionen, lassen Hosts umziehen, legen sie still und laden andere ein.'
        : 'Als Leser sehen Sie Lizenzen und Verträge, ändern aber nichts.',
    signInAs: 'Anmelden als',
    role: 'Rolle',
    roles: { viewer: 'Leser', manager: 'Verwalter' },
    steps: (portal) => [
      portal
        ? 'Öffnen Sie das Portal und geben Sie dort diese E-Mail-Adresse ein.'
        : 'Fragen Sie Ihren Anbieter nach der Adresse des Portals und melden Sie sich dort mit dieser E-Mail-Adresse an.',
      'Sie bekommen einen Code per E-Mail. Geben Sie ihn ein, dann sind Sie angemeldet.',
    ],
    unexpected:
      'Sie haben das nicht erwartet? Dann tun Sie nichts: Ohne Ihre Anmeldung geschieht nichts weiter.',
  },
  transfer: {
    headline: 'Eine Lizenz zieht auf einen anderen Host um',
    what: (installation) =>
      `Der Umzug einer Lizenz von ${installation} auf einen anderen Host wurde angemeldet, und die Bedingungen wurden akzeptiert.`,
    oldHost:
      'Der alte Host erneuert weiter, bis der neue zum ersten Mal erneuert. Von da an wird der alte abgelehnt.',
    neverBound: 'Bisher hat kein Host diese Lizenz benutzt.',
    overlap: (until) =>
      `Die Lizenzdatei, die der alte Host jetzt hat, gilt bis ${until}, und länger, wenn er vor dem Umzug noch einmal erneuert.`,
    from: 'Alter Host',
    to: 'Neuer Host',
    unnamed: 'noch nicht benannt',
    acceptedBy: 'Akzeptiert von',
    terms: 'Bedingungen, Version',
    acceptedAt: 'Akzeptiert am',
    steps: ({ byStarterFile, byHostId, replacesHost, portal }) => [
      byStarterFile
        ? portal
          ? 'Laden Sie die Startdatei dieses Umzugs im Portal herunter und installieren Sie sie auf dem neuen Host.'
          : 'Installieren Sie die Startdatei dieses Umzugs auf dem neuen Host.'
        : 'Installieren Sie die Lizenzdatei des alten Hosts auf dem neuen.',
      byHostId
        ? 'Erneuern Sie dort. Der neue Host wird an seiner Host-ID erkannt und hat damit übernommen.'
        : 'Erneuern Sie dort. Damit hat der neue Host übernommen.',
      ...(replacesHost
        ? ['Benutzen Sie das Produkt auf dem alten Host nicht mehr, und schalten Sie seine Erneuerung ab.']
        : []),
      portal
        ? 'Das wollte niemand von Ihnen? Brechen Sie den Umzug im Portal ab, bevor der neue Host erneuert.'
        : 'Das wollte niemand von Ihnen? Sagen Sie es Ihrem Anbieter, bevor der neue Host erneuert.',
    ],
    why: 'Sie erhalten diese E-Mail, weil Sie den Umzug angemeldet haben oder technischer Kontakt sind.',
  },
  change: {
    headline: ({ what, count, from, ends }) => {
      const since = from === undefined ? 'ab sofort' : `ab ${from}`;
      if (what === 'options') return `Weniger Optionen auf ${hosts(count)} ${since}`;
      return what === 'all-hosts'
        ? `Lizenzen von ${hosts(count)} enden ${from === undefined ? 'jetzt' : `am ${ends}`}`
        : `Weniger Hosts bestellt: ${hosts(count)} ${since} abgelehnt`;
    },
    what: (contract, received) =>
      `Die Bestellung zum Vertrag ${contract}, eingegangen am ${received}, nimmt etwas weg, das vorher bestellt war.`,
    fetched: 'Ihre Hosts holen die Änderung mit ihrer nächsten Erneuerung; zu installieren ist nichts.',
    hostsTitle: (installation) => `Hosts von ${installation}`,
    ordered: (less, licensed) =>
      `Bestellt ${less.after === 1 ? 'ist' : 'sind'} ${hosts(less.after)} statt ${number(less.before)}, ${when(less)}; lizenziert ${licensed === 1 ? 'ist' : 'sind'} ${number(licensed)}.`,
    refused: ({ count, from, same }) =>
      `${from === undefined ? 'Ab sofort' : `Ab ${from}`} ${count === 1 ? 'erneuert dieser Host' : same ? 'erneuern diese Hosts' : 'erneuern die ersten dieser Hosts'} nicht mehr.`,
    latestFirst:
      'Abgelehnt werden die zuletzt angemeldeten, wenn Sie bis dahin keine andere Auswahl treffen.',
    stop: 'Das Produkt steht dort still, sobald die Lizenzdatei abgelaufen ist.',
    steps: (all, portal) =>
      all
        ? [
            'War das nicht gemeint? Bitten Sie Ihren Anbieter, neu zu bestellen; die Erneuerung gelingt dann von selbst.',
          ]
        : [
            portal
              ? 'Für eine andere Auswahl legen Sie andere Hosts im Portal still. Jeder gibt einem von diesen seinen Platz.'
              : 'Für eine andere Auswahl lassen Sie Ihren Anbieter andere Hosts stilllegen. Jeder gibt einem von diesen seinen Platz.',
            'Um alle zu behalten, bestellen Sie mehr Hosts. Neu zu installieren ist nichts.',
          ],
    refusedFrom: 'Abgelehnt ab',
    atOnce: 'sofort',
    optionsTitle: (installation) => `Optionen von ${installation}`,
    less: (less) => `${number(less.after)} statt ${number(less.before)}, ${when(less)}`,
    moreHosts: (count) =>
      `… und ${number(count)} ${count === 1 ? 'weiterer Host' : 'weitere Hosts'}, hier nicht aufgeführt`,
    moreChanges: 'Weitere Änderungen',
    why: (customer) =>
      `Sie erhalten diese E-Mail, weil Sie ein Kontakt von ${customer} sind. Was eine Bestellung wegnimmt, erfahren alle Kontakte.`,
  },
};
