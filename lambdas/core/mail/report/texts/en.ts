import type { ReportTexts } from './report-texts.ts';

const numbers = new Intl.NumberFormat('en-GB');
const counted = (count: number, one: string, many: string) =>
  `${numbers.format(count)} ${count === 1 ? one : many}`;

export const en: ReportTexts = {
  titled: (headline) => `License report: ${headline}`,
  headline: {
    none: 'No host is in use',
    cannotRenew: (hosts) => `${counted(hosts, 'host', 'hosts')} cannot renew`,
    well: (hosts) => counted(hosts, 'host is healthy', 'hosts are healthy'),
    attention: (troubled, hosts) =>
      `${numbers.format(troubled)} of ${counted(hosts, 'host', 'hosts')} ${troubled === 1 ? 'needs' : 'need'} attention`,
    inGrace: (hosts) => `${counted(hosts, 'host', 'hosts')} in grace, contract ended`,
    endings: (contracts) => counted(contracts, 'contract ends', 'contracts end'),
  },
  period: (from, to) => `Your licenses from ${from} to ${to}, and how they stand now.`,
  health: {
    healthy: 'Healthy',
    'in-grace': 'Contract ended, in grace',
    offline: 'Offline',
    failing: 'Renewal refused',
    expiring: 'Expiring',
    'not-installed': 'Not installed yet',
    'not-entitled': 'No contract in force, or license revoked',
  },
  attention: 'Need attention',
  state: 'State',
  product: 'Product',
  reason: 'Reason',
  renewals: {
    title: 'Renewals',
    counts: (renewals, refusals) =>
      refusals === 0
        ? `${counted(renewals, 'renewal', 'renewals')}, none was refused.`
        : `${counted(renewals, 'renewal', 'renewals')}. ${counted(refusals, 'attempt was', 'attempts were')} refused:`,
    refused: 'Refused',
    times: (count) => counted(count, 'time', 'times'),
    callerReasons: {
      'host-id-required': 'host id missing',
      'host-known': 'host has another license',
      'host-mismatch': 'license of another host',
      'license-retired': 'license was retired',
      'license-transferred': 'license was moved to another host',
    },
  },
  options: {
    title: 'Contracted and delivered',
    hosts: (licensed, ordered) =>
      `${numbers.format(licensed)} of ${counted(ordered, 'host', 'hosts')} licensed`,
    none: 'no options at present',
    noContract: 'no contract in force',
    more: (installations) =>
      `… and ${counted(installations, 'installation', 'installations')} more, not listed here`,
    contracted: 'Contracted',
    delivered: 'Delivered',
    everyHost: (quantity) => `${quantity} on each host`,
    behindTitle: 'Latest change not fetched yet',
    behind: (hosts) =>
      `${counted(hosts, 'host has', 'hosts have')} not fetched the latest change of your contracts and hosts yet. The next renewal brings it.`,
  },
  coming: {
    title: (until) => `Coming until ${until}`,
    nothing: 'Nothing changes by contract.',
    contract: 'Contract',
    starts: 'Starts',
    quantity: 'Quantity',
    follows: 'Followed by another contract',
    nothingFollows: 'Nothing follows so far',
    hostsStop: 'Nothing follows so far, hosts stop then',
  },
  more: (count) => `… and ${numbers.format(count)} more, not listed here`,
  why: (customer, every) =>
    `You get this report every ${every} because it was set up for you as a contact of ${customer}.`,
  stop: 'To change or stop it, reply to this e-mail.',
};
