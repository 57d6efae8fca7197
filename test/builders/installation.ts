import { DAY } from '../../lambdas/core/instant.ts';
import type {
  ContractTerms,
  Installation,
  LicenseEntry,
  Line,
  TermDefaults,
} from '../../lambdas/core/installation.ts';
import { NOW } from './instants.ts';

/** What the stage of the tests gives to contracts that say nothing themselves. */
export const DEFAULTS: TermDefaults = { validityDays: 35, graceDays: 14, renewEverySeconds: DAY };

/** One pool of render engines for 300 days each way. */
const aLine = (given: Partial<Line> = {}): Line => ({
  option: 'render-engine',
  scope: 'pool',
  quantity: 8,
  from: NOW - 300 * DAY,
  until: NOW + 300 * DAY,
  ...given,
});

/** A subscription of one host with one line, in force for 300 days each way; a line without a span gets the contract's. */
export function aContract(
  given: Partial<Omit<ContractTerms, 'lines'>> & { lines?: readonly Partial<Line>[] } = {},
): ContractTerms {
  const { lines = [{}], ...terms } = given;
  const { from = NOW - 300 * DAY, until = NOW + 300 * DAY } = terms;
  return {
    id: 'c-1001',
    kind: 'subscription',
    suspended: false,
    hosts: 1,
    connection: 'online',
    ...terms,
    from,
    until,
    lines: lines.map((line) => aLine({ from, until, ...line })),
  };
}

/** License entries in order of declaration. */
export const licensesNamed = (...ids: readonly string[]): LicenseEntry[] =>
  ids.map((id) => ({ id, hostId: `host-of-${id}` }));

/** An installation with one contract and the one license of `aLicense`. */
export const anInstallation = (given: Partial<Installation> = {}): Installation => ({
  customerId: 'acme',
  product: 'ES',
  installation: 'main',
  customerName: 'Acme Print',
  version: 3,
  contracts: [aContract()],
  licenses: [{ id: 'license-1', hostId: 'H-1' }],
  ...given,
});
