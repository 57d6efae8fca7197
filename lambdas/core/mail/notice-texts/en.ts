import type { LessOfOption, NoticeTexts } from './notice-texts.ts';

const numbers = new Intl.NumberFormat('en-GB');
const number = (count: number) => numbers.format(count);
const hosts = (count: number) => `${number(count)} ${count === 1 ? 'host' : 'hosts'}`;

const when = ({ from, until }: Pick<LessOfOption, 'from' | 'until'>) => {
  if (until === undefined) return from === undefined ? 'from now on' : `from ${from} on`;
  return from === undefined ? `until ${until}` : `from ${from} to ${until}`;
};

export const en: NoticeTexts = {
  invitation: {
    headline: 'You are invited to the license portal',
    what: (customer, invitedBy) =>
      invitedBy === undefined
        ? `You may now see and manage the licenses of ${customer} in the license portal.`
        : `${invitedBy} has invited you to the license portal of ${customer}.`,
    may: (role) =>
      role === 'manager'
        ? 'As a manager you see licenses and contracts, distribute options, move and retire hosts, and invite others.'
        : 'As a viewer you see licenses and contracts, but change nothing.',
    signInAs: 'Sign in as',
    role: 'Role',
    roles: { viewer: 'Viewer', manager: 'Manager' },
    steps: (portal) => [
      portal
        ? 'Open the portal and enter this e-mail address there.'
        : 'Ask your vendor for the address of the portal, and sign in there with this e-mail address.',
      'You get a code by e-mail. Enter it, and you are in.',
    ],
    unexpected: 'You did not expect this? Ignore it: nothing happens unless you sign in.',
  },
  transfer: {
    headline: 'A license moves to another host',
    what: (installation) =>
      `The move of a license of ${installation} to another host was declared and the terms were accepted.`,
    oldHost:
      'The old host keeps renewing until the new one renews for the first time. From then on it is refused.',
    neverBound: 'No host has used this license so far.',
    overlap: (until) =>
      `The license file that the old host has now is valid until ${until}, and later if it renews again before the move.`,
    from: 'Old host',
    to: 'New host',
    unnamed: 'not named yet',
    acceptedBy: 'Accepted by',
    terms: 'Terms, version',
    acceptedAt: 'Accepted on',
    steps: ({ byStarterFile, byHostId, replacesHost, portal }) => [
      byStarterFile
        ? portal
          ? 'Download the starter file of this transfer in the portal and install it on the new host.'
          : 'Install the starter file of this transfer on the new host.'
        : 'Install the license file of the old host on the new one.',
      byHostId
        ? 'Renew there. The new host is recognised by its host id, and has taken over.'
        : 'Renew there. With that the new host has taken over.',
      ...(replacesHost ? ['Stop using the product on the old host, and switch off its renewal.'] : []),
      portal
        ? 'Nobody of you wanted this? Cancel the transfer in the portal before the new host renews.'
        : 'Nobody of you wanted this? Tell your vendor before the new host renews.',
    ],
    why: 'You get this e-mail because you declared the transfer or are a technical contact.',
  },
  change: {
    headline: ({ what, count, from, ends }) => {
      const since = from === undefined ? 'now' : `from ${from}`;
      if (what === 'options') return `Fewer options on ${hosts(count)} ${since}`;
      return what === 'all-hosts'
        ? `Licenses of ${hosts(count)} end ${from === undefined ? 'now' : `on ${ends}`}`
        : `Fewer hosts ordered: ${hosts(count)} refused ${since}`;
    },
    what: (contract, received) =>
      `The order for contract ${contract}, received on ${received}, takes something away that was ordered before.`,
    fetched: 'Your hosts fetch the change with their next renewal; there is nothing to install.',
    hostsTitle: (installation) => `Hosts of ${installation}`,
    ordered: (less, licensed) =>
      `${hosts(less.after)} ${less.after === 1 ? 'is' : 'are'} ordered instead of ${number(less.before)}, ${when(less)}; ${number(licensed)} ${licensed === 1 ? 'is' : 'are'} licensed.`,
    refused: ({ count, from, same }) =>
      `${from === undefined ? 'From now on' : `From ${from} on`}, ${count === 1 ? 'this host renews' : same ? 'these hosts renew' : 'the first of these hosts renew'} no more.`,
    latestFirst: 'Those that were declared last are refused, unless you choose otherwise until then.',
    stop: 'The product stops there when the license file has expired.',
    steps: (all, portal) =>
      all
        ? ['Is this not what you meant? Ask your vendor to order again; renewal then succeeds by itself.']
        : [
            portal
              ? 'To choose otherwise, retire other hosts in the portal. Each gives its place to one of these.'
              : 'To choose otherwise, have your vendor retire other hosts. Each gives its place to one of these.',
            'To keep all of them, order more hosts. Nothing has to be installed again.',
          ],
    refusedFrom: 'Refused from',
    atOnce: 'now',
    optionsTitle: (installation) => `Options of ${installation}`,
    less: (less) => `${number(less.after)} instead of ${number(less.before)}, ${when(less)}`,
    moreHosts: (count) => `… and ${number(count)} more ${count === 1 ? 'host' : 'hosts'}, not listed here`,
    moreChanges: 'More changes',
    why: (customer) =>
      `You get this e-mail because you are a contact of ${customer}. All contacts are told of what an order takes away.`,
  },
};
