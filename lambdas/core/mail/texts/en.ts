import type { AlertKind } from '../../alerts/kinds.ts';
import type { TimeSpan } from '../dates.ts';
import type { ContractGroup, HostGroup, Texts } from './texts.ts';

const numbers = new Intl.NumberFormat('en-GB');
const lists = new Intl.ListFormat('en-GB', { type: 'conjunction' });

const number = (count: number) => numbers.format(count);
const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
const hosts = (count: number) => counted(count, 'host', 'hosts');
const licenses = (count: number) => `${count === 1 ? 'License' : 'Licenses'} of ${hosts(count)}`;
const lasting = ({ unit, count }: TimeSpan) => `for ${counted(count, unit, `${unit}s`)}`;
const inDays = (days: number) => (days <= 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${number(days)} days`);
const named = (contracts: string | undefined) =>
  contracts === undefined ? '' : ` Please name the contract: ${contracts}.`;

const mailsAbout: Readonly<Record<AlertKind, string>> = {
  offline: 'offline hosts',
  failed: 'refused renewals',
  expiring: 'expiring licenses',
  ending: 'ending contracts',
};

/** `Contract PO 4711`, `Contracts PO 4711 and PO 4712`, `3 contracts`. */
function contractsOf({
  count,
  names,
  product,
  trial,
}: Pick<ContractGroup, 'count' | 'names' | 'product' | 'trial'>) {
  const word = trial ? 'trial' : 'contract';
  if (names !== undefined) return `${trial ? 'Trial' : 'Contract'}${count === 1 ? '' : 's'} ${names}`;
  if (count > 1) return counted(count, word, `${word}s`);
  return product === undefined ? `Your ${word}` : `Your ${word} for ${product}`;
}

const networkSteps = ({ count }: HostGroup) => {
  const it = count === 1 ? 'the host' : 'each host';
  return [
    `Check that ${it} is switched on and connected to the network.`,
    `Check that ${it} reaches the license service by HTTPS: firewall, proxy, DNS.`,
    'Check that the daily renewal is still set up there. Its log says what went wrong.',
  ];
};

const retire = ({ count, portal }: HostGroup) => {
  const it = count === 1 ? 'its license' : 'their licenses';
  return portal ? `retire ${it} in the portal` : `tell your vendor, who retires ${it}`;
};

export const en: Texts = {
  words: {
    whatToDo: 'What to do',
    hostId: 'Host id',
    license: 'License',
    contract: (count) => (count === 1 ? 'Contract' : 'Contracts'),
    installation: 'installation',
    lastSeen: 'Last seen',
    lastRenewed: 'Last renewed',
    validUntil: 'Valid until',
    expired: 'Expired',
    refusedSince: 'Refused since',
    code: 'Code',
    hosts: 'Hosts',
    ends: 'Ends',
    ended: 'Ended',
    graceUntil: 'Grace until',
    graceEnded: 'Grace ended',
    never: 'never',
    nextStarts: 'Next contract starts',
    newOnes: 'New',
    reminded: 'Still open',
    recovered: 'Solved',
  },
  number,
  andAlso: (headline, over) => `${headline}; ${over}`,
  list: (items) => lists.format(items),
  more: (count, kind) =>
    kind === 'ending'
      ? `… and ${number(count)} more, not listed here`
      : `… and ${number(count)} more ${count === 1 ? 'host' : 'hosts'}, not listed here`,
  showAll: 'Show all',
  openPortal: 'Open the portal',
  vendorNote: (customer) =>
    `No contact of ${customer} can be reached by e-mail, so this message comes to you, the vendor. Please pass it on, and correct the contacts.`,
  why: (customer, kind) =>
    `You get this e-mail because you are a contact of ${customer} for ${mailsAbout[kind]}.`,
  reply: 'Questions? Reply to this e-mail.',
  mute: (kind) => ({
    text: `You do not want e-mails about ${mailsAbout[kind]}?`,
    link: 'Turn them off',
  }),
  mustStay:
    'Somebody has to keep getting e-mails about ending contracts, so not all contacts can turn them off.',

  outlook: ({ count, product, state, until, days, same }) => {
    const runs = product ?? 'the product';
    const there = count === 1 ? 'this host' : 'these hosts';
    const files = count === 1 ? 'The license file on this host' : 'The license files on these hosts';
    if (state === 'some-expired') {
      return `Some of the license files have expired, the first on ${until}: ${runs} does not run there. It stops on the other hosts too, one by one, as long as they do not renew.`;
    }
    if (state === 'expired') {
      return same
        ? `${files} expired on ${until}. Until the next renewal, ${runs} does not run on ${there}.`
        : `${files} have expired, the first on ${until}. Until the next renewal, ${runs} does not run there.`;
    }
    return same
      ? `${files} ${count === 1 ? 'expires' : 'expire'} ${inDays(days)}, on ${until}. Without a renewal, ${runs} stops on ${there} then.`
      : `The first of their license files expires ${inDays(days)}, on ${until}. Without a renewal, ${runs} stops on each host when its file expires.`;
  },
  unknownOutlook: ({ count, product }) =>
    count === 1
      ? `Without a renewal, ${product ?? 'the product'} stops on this host when its license file expires.`
      : `Without a renewal, ${product ?? 'the product'} stops on each host when its license file expires.`,

  offline: {
    headline: ({ count, still }) =>
      `${hosts(count)} ${count === 1 ? 'is' : 'are'} ${still ? 'still ' : ''}offline`,
    retireHeadline: (count) =>
      count === 1
        ? '1 host is long offline, its license has expired: retire it?'
        : `${hosts(count)} are long offline, their licenses have expired: retire them?`,
    recovered: (count) => `${hosts(count)} ${count === 1 ? 'is' : 'are'} back online`,
    alsoRecovered: (count) => `${number(count)} back online`,
    recoveredWhat: (count) =>
      count === 1
        ? 'This host has renewed its license again. All is well, there is nothing to do.'
        : 'These hosts have renewed their licenses again. All is well, there is nothing to do.',
    title: 'Offline',
    retireTitle: 'Long offline, license expired: retire?',
    what: ({ count, since, span }) =>
      count === 1
        ? `This host has been silent${span ? ` ${lasting(span)}` : ''}: its last attempt to renew its license arrived on ${since}.`
        : `These hosts make no attempts to renew their licenses any more. The first has been silent${span ? ` ${lasting(span)}` : ''}, since ${since}.`,
    steps: (group) => [
      ...networkSteps(group),
      `If ${group.count === 1 ? 'the host no longer exists' : 'a host no longer exists'}, ${retire({ ...group, count: 1 })}.`,
    ],
    retireSteps: (group) =>
      group.count === 1
        ? [
            `The host no longer exists? Then ${retire(group)}.`,
            'It is still needed? Let it renew once. An expired file renews like any other, and nothing has to be installed.',
          ]
        : [
            `The hosts no longer exist? Then ${retire(group)}.`,
            'They are still needed? Let each renew once. An expired file renews like any other, and nothing has to be installed.',
          ],
    lastMail: 'This is the last e-mail about it.',
  },

  failed: {
    headline: ({ count, still }, reason) =>
      `License renewal of ${hosts(count)} is ${still ? 'still ' : ''}refused${reason === undefined ? '' : `: ${reason}`}`,
    recovered: (count) => `License renewal of ${hosts(count)} works again`,
    alsoRecovered: (count) => `${number(count)} solved`,
    recoveredWhat: (count) =>
      count === 1
        ? 'This host has renewed its license again. All is well, there is nothing to do.'
        : 'These hosts have renewed their licenses again. All is well, there is nothing to do.',
    since: ({ count, since, span }) =>
      `${count === 1 ? 'Its renewals have been refused' : 'The first has been refused'} ${span ? `${lasting(span)}, ` : ''}since ${since}.`,
    reasons: {
      'contract-ended': {
        reason: 'contract ended',
        what: () => 'The contract and its grace have ended.',
        steps: ({ contracts }) => [
          `Order an extension from your vendor.${named(contracts)}`,
          'It reaches every host within 24 hours by itself. Nothing has to be installed.',
        ],
      },
      'contract-not-started': {
        reason: 'contract not started',
        what: () => 'The contract starts later.',
        steps: ({ contracts }) => [
          'If the start is right, there is nothing to do: renewal works by itself from the first day on.',
          `If it should have started by now, contact your vendor.${named(contracts)}`,
        ],
      },
      'contract-suspended': {
        reason: 'contract suspended',
        what: () => 'The contract is suspended.',
        steps: ({ contracts }) => [
          `Contact your vendor to find out why.${named(contracts)}`,
          'Once the contract is active again, every host renews within 24 hours by itself.',
        ],
      },
      'license-unknown': {
        reason: 'license unknown',
        what: (count) =>
          `The license file is genuine, but the license service does not know the ${count === 1 ? 'license' : 'licenses'} any more.`,
        steps: ({ count }) => [
          `Contact your vendor and name the ${count === 1 ? 'license' : 'licenses'} below.`,
          `Keep the license ${count === 1 ? 'file on the host' : 'files on the hosts'}: with it the license can be restored.`,
        ],
      },
      'license-revoked': {
        reason: 'license revoked',
        what: (count) =>
          count === 1 ? 'Your vendor has revoked the license.' : 'Your vendor has revoked the licenses.',
        steps: ({ count }) => [
          `If ${count === 1 ? 'the host is' : 'the hosts are'} still needed, contact your vendor and name the ${count === 1 ? 'license' : 'licenses'} below.`,
          'If not, switch the renewal off there.',
        ],
      },
      'host-limit': {
        reason: 'more hosts than ordered',
        what: () =>
          'The installation has more licensed hosts than are ordered, and the grace for them is over.',
        steps: ({ count, portal }) => [
          `If ${count === 1 ? 'the host is' : 'the hosts are'} still needed, order more hosts from your vendor. Renewal then succeeds by itself.`,
          portal
            ? 'Or retire another host in the portal: its place is free from then on.'
            : 'Or have your vendor retire another host: its place is free from then on.',
        ],
      },
      'starter-lapsed': {
        reason: 'starter file lapsed',
        what: () => 'The starter file was not used in time and has lapsed.',
        steps: ({ portal }) => [
          portal ? 'Make a new starter file in the portal.' : 'Ask your vendor for a new starter file.',
          'Install it on the host within 30 days. Its first renewal brings the license file.',
        ],
      },
    },
    otherTitle: (code) => `Refused with the code ${code}`,
    otherWhat: (code, count) =>
      `The license service refuses to renew the ${count === 1 ? 'license' : 'licenses'}, with the code ${code}.`,
    otherSteps: (code, { contracts }) => [
      `Contact your vendor and name the code ${code}.${named(contracts)}`,
    ],
  },

  expiring: {
    headline: ({ count }, { state, days, same }) => {
      if (state === 'some-expired') return `${licenses(count)} have expired or expire soon`;
      if (state === 'expired') return `${licenses(count)} ${count === 1 ? 'has' : 'have'} expired`;
      return `${licenses(count)} ${count === 1 ? 'expires' : 'expire'}${same ? '' : ', the first'} ${inDays(days)}`;
    },
    recovered: (count) => `${licenses(count)} ${count === 1 ? 'is' : 'are'} renewed`,
    alsoRecovered: (count) => `${number(count)} renewed`,
    recoveredWhat: (count) =>
      count === 1
        ? 'This host has a fresh license file. All is well, there is nothing to do.'
        : 'These hosts have fresh license files. All is well, there is nothing to do.',
    title: 'Not renewed',
    manualTitle: 'To be renewed by hand',
    what: ({ count, since, span }) =>
      count === 1
        ? `This host does not renew its license any more. It was last seen on ${since}${span ? ` and has been silent ${lasting(span)}` : ''}.`
        : `These hosts do not renew their licenses any more. The first was last seen on ${since}${span ? ` and has been silent ${lasting(span)}` : ''}.`,
    manualWhat: ({ count, since }) =>
      count === 1
        ? `This host has no connection to the license service: its license is renewed by hand, last on ${since}.`
        : `These hosts have no connection to the license service: their licenses are renewed by hand, the first last on ${since}.`,
    steps: (group) => [
      ...networkSteps(group),
      'One successful renewal is enough. An expired file renews like any other.',
    ],
    manualSteps: ({ count, portal }) => [
      `Copy the license file from ${count === 1 ? 'the host' : 'each host'} to a computer with an internet connection.`,
      portal
        ? 'Upload the file in the portal and download the new one.'
        : 'Upload the file to the license service and download the new one. Your vendor tells you where.',
      `Put the new file on ${count === 1 ? 'the host' : 'the host that it is for'} in place of the old one.`,
    ],
  },

  ending: {
    headline: (phase, group) => {
      const many = group.count > 1;
      const who = contractsOf(group);
      if (phase === 'mixed') return `${who} have ended or end soon`;
      if (phase === 'ahead') {
        return `${who} ${many ? 'end' : 'ends'}${group.same ? '' : ', the first'} on ${group.ends}`;
      }
      const ended = `${who} ${many ? 'have' : 'has'} ended`;
      return phase === 'grace' && group.grace
        ? `${ended}, ${group.same ? 'grace' : 'first grace'} until ${group.grace.until}`
        : ended;
    },
    recovered: (group) => `${contractsOf(group)} ${group.count > 1 ? 'are' : 'is'} extended`,
    alsoRecovered: (count) => `${number(count)} extended`,
    recoveredWhat: (count) =>
      count === 1
        ? 'It is extended, or another contract follows it. Your hosts go on without a break: all is well, there is nothing to do.'
        : 'They are extended, or other contracts follow them. Your hosts go on without a break: all is well, there is nothing to do.',
    title: (phase) => ({ ahead: 'Ending soon', grace: 'Ended, in grace', over: 'Ended' })[phase],
    what: (phase, group) => {
      const { count, names, product, ends, days, same, hosts: ordered, next } = group;
      const many = count > 1;
      const what = names !== undefined && product !== undefined ? ` for ${product}` : '';
      const gap =
        next === undefined ? '' : ` The next contract starts on ${next}; nothing covers the time between.`;
      const first = same ? '' : ', the first';
      const covered = ordered > 0 ? `${many ? 'They cover' : 'It covers'} ${hosts(ordered)}` : '';
      const who = contractsOf(group);
      if (phase === 'ahead') {
        const nothing = next === undefined ? `nothing follows ${many ? 'them' : 'it'} so far` : '';
        const cover = [covered, nothing].filter(Boolean).join(', and ');
        const sentence = cover ? ` ${cover.charAt(0).toUpperCase()}${cover.slice(1)}.` : '';
        return `${who}${what} ${many ? 'end' : 'ends'}${first} ${inDays(days)}, on ${ends}.${sentence}${gap}`;
      }
      const ended = same
        ? `${who}${what} ended on ${ends}.`
        : `${who}${what} have ended, the first on ${ends}.`;
      return `${ended}${ordered > 0 ? ` ${many ? 'They covered' : 'It covered'} ${hosts(ordered)}.` : ''}${gap}`;
    },
    consequence: (phase, { grace, same }) => {
      const stop = 'the hosts stop as their license files run out';
      if (phase === 'over' || !grace) {
        const over = grace ? `The grace is over too${same ? `: it ended on ${grace.until}` : ''}. ` : '';
        return phase === 'ahead'
          ? 'There is no grace: after that, the hosts stop as their license files run out.'
          : `${over}Without an extension ${stop}.`;
      }
      const until = `${grace.until}${phase === 'grace' ? ` (${inDays(grace.days)})` : ''}`;
      return same
        ? `A grace keeps the hosts going until ${until}. After that, ${stop}.`
        : `A grace keeps the hosts going for a while, the first until ${until}. After that, ${stop}.`;
    },
    steps: ({ names, trial }) => [
      `Order ${trial ? 'a subscription' : 'an extension'} from your vendor.${named(names)}`,
      'It reaches every host within 24 hours by itself. Nothing has to be installed.',
    ],
  },
};
