import { bodyInvalid } from '../body.ts';
import { contractedAt, declarationAt } from '../distribution.ts';
import { entitlementAt, linesWithGrace } from '../entitlement.ts';
import { leavesAt } from '../hosts-allowed.ts';
import { endOf, HOUR, isoOf, type Instant } from '../instant.ts';
import type { Declaration, Installation, InstallationKey, TermDefaults } from '../installation.ts';
import type { InstallationLists } from '../installation-lists.ts';
import { Problem, type BodyFault } from '../problem.ts';
import type { DeclarationRequest } from './distribution-request.ts';

/** A host that renews every day renews within this time, with an hour to spare. */
const LEAST_DELAY = 25 * HOUR;
const MAX_PENDING = 4;

/** All declared quantities, written one after the other: with the list of licenses, the item stays below DynamoDB's 400 KB. */
const MAX_DECLARED_LENGTH = 60_000;
const MAX_ITEM_LENGTH = 380_000;

/** Rounds before the service gives up; after a lost race the version has changed, so a second round decides it. */
const MAX_ROUNDS = 3;

/** What becomes of a request: new declarations, or nothing where the installation already says so. */
export interface DeclarationDecision {
  readonly kind: 'write' | 'unchanged';
  readonly effectiveAt: Instant;
  /** Those that the installation has afterwards. */
  readonly declarations: readonly Declaration[];
}

/** How often hosts of the installation renew. */
export function renewEverySecondsOf(
  installation: Installation,
  now: Instant,
  defaults: TermDefaults,
): number {
  const entitlement = entitlementAt(installation.contracts, now, defaults);
  return entitlement.kind === 'entitled' ? entitlement.renewEverySeconds : defaults.renewEverySeconds;
}

/**
 * Declares a distribution on the condition that the installation is as the customer has seen it. The retry of a request that
 * was carried out finds that it was.
 * @param answerOf what the customer is told of the installation as it is afterwards. It is made before anything is written: a
 *   request that cannot be answered, as its page is none or too large, has changed nothing.
 * @throws {Problem} `installation-not-found`, `version-outdated`, `body-invalid`, `unavailable`, and what `answerOf` throws
 */
export async function declareDistribution<Answer>(
  lists: InstallationLists,
  key: InstallationKey,
  request: DeclarationRequest,
  now: Instant,
  defaults: TermDefaults,
  answerOf: (installation: Installation) => Promise<Answer>,
): Promise<{
  readonly outcome: DeclarationDecision['kind'];
  readonly installation: Installation;
  readonly answer: Answer;
}> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const installation = await lists.read(key);
    if (!installation) throw new Problem('installation-not-found');
    const { kind, declarations } = decideDeclaration(installation, request, now, defaults);
    const part = { licenses: installation.licenses, declarations };
    const changed =
      kind === 'unchanged' ? installation : { ...installation, ...part, version: installation.version + 1 };
    const answer = await answerOf(changed);
    if (kind === 'unchanged' || (await lists.write(installation, part)) === 'written') {
      return { outcome: kind, installation: changed, answer };
    }
  }
  throw new Problem('unavailable', { cause: new Error('The installation kept changing') });
}

/** @throws {Problem} `version-outdated`, `body-invalid` */
export function decideDeclaration(
  installation: Installation,
  request: DeclarationRequest,
  now: Instant,
  defaults: TermDefaults,
): DeclarationDecision {
  const { declarations = [], version } = installation;
  const effectiveAt = effectiveAtOf(installation, request, now, defaults);
  if (request.version <= version && saysAlready(declarations, request, effectiveAt)) {
    return { kind: 'unchanged', effectiveAt, declarations };
  }
  if (request.version !== version) {
    throw new Problem('version-outdated', {
      detail: `The installation is at version ${version} now, not ${request.version}. Read it again, and decide again.`,
    });
  }
  const declared = [...request.options].map(([option, quantities]): Declaration => ({
    option,
    effectiveAt,
    quantities: Object.fromEntries(quantities ?? []),
  }));
  const kept = declarations.filter(
    (known) => !(request.options.has(known.option) && known.effectiveAt >= effectiveAt),
  );
  const changed = pruned([...kept, ...declared], now);
  const faults = [
    ...faultsOf(installation, request, effectiveAt, defaults),
    ...pendingFaults(changed, request, now),
    ...sizeFaults(installation, changed),
  ];
  if (faults.length > 0) throw bodyInvalid(faults);
  return { kind: 'write', effectiveAt, declarations: changed };
}

/** By default when every host that is online has renewed: all of them then carry the switch, and make it at the same instant. */
function effectiveAtOf(
  installation: Installation,
  { effective }: DeclarationRequest,
  now: Instant,
  defaults: TermDefaults,
): Instant {
  if (effective === 'now') return now;
  if (effective !== 'default') return effective;
  return now + Math.max(LEAST_DELAY, renewEverySecondsOf(installation, now, defaults) + HOUR);
}

/** Whether the last declaration of every option is the wanted one already, not later than wanted. */
function saysAlready(
  declarations: readonly Declaration[],
  { effective, options }: DeclarationRequest,
  effectiveAt: Instant,
): boolean {
  return [...options].every(([option, quantities]) => {
    const latest = declarationAt(declarations, option, Number.POSITIVE_INFINITY);
    if (!latest) return quantities === null || quantities.size === 0;
    const stored = Object.entries(latest.quantities);
    const wanted = quantities ?? new Map<string, number>();
    return (
      (typeof effective === 'number'
        ? latest.effectiveAt === effectiveAt
        : latest.effectiveAt <= effectiveAt) &&
      stored.length === wanted.size &&
      stored.every(([licenseId, quantity]) => wanted.get(licenseId) === quantity)
    );
  });
}

/** Without what is not in force any more, and without a withdrawal where nothing is left to withdraw; by option and instant. */
function pruned(declarations: readonly Declaration[], now: Instant): Declaration[] {
  const sorted = declarations.toSorted(
    (a, b) => Number(a.option > b.option) - Number(a.option < b.option) || a.effectiveAt - b.effectiveAt,
  );
  const alive = sorted.filter((declaration, index) => {
    const next = sorted[index + 1];
    return next?.option !== declaration.option || next.effectiveAt > now;
  });
  return alive.filter(
    ({ option, quantities }, index) =>
      alive[index - 1]?.option === option || Object.keys(quantities).length > 0,
  );
}

function faultsOf(
  installation: Installation,
  { options }: DeclarationRequest,
  effectiveAt: Instant,
  defaults: TermDefaults,
): BodyFault[] {
  const { contracts, licenses, declarations = [] } = installation;
  const contracted = contractedAt(installation, effectiveAt, defaults);
  const pooled = new Set(
    linesWithGrace(contracts, defaults)
      .filter((line) => line.scope === 'pool' && endOf(line) > effectiveAt)
      .map(({ option }) => option),
  );
  const known = new Map(licenses.map((license) => [license.id, license]));
  return [...options].flatMap(([option, quantities]): BodyFault[] => {
    const path = `options.${option}`;
    if (quantities === null && declarations.some((declaration) => declaration.option === option)) return [];
    if (!pooled.has(option)) {
      return [{ path, message: 'is no option of a pool, neither then nor later' }];
    }
    const strangers = [...(quantities ?? new Map<string, number>()).keys()].filter((licenseId) => {
      const license = known.get(licenseId);
      return license === undefined || leavesAt(license) <= effectiveAt;
    });
    const sum = [...(quantities ?? new Map<string, number>()).values()].reduce(
      (total, one) => total + one,
      0,
    );
    const pool = contracted.get(option)?.pool ?? 0;
    return [
      ...strangers.map((licenseId) => ({
        path: `${path}.${licenseId}`,
        message: 'is no license of this installation, or is retired or lapsed then',
      })),
      ...(sum > pool
        ? [{ path, message: `declares ${sum}, and ${pool} are contracted at ${isoOf(effectiveAt)}` }]
        : []),
    ];
  });
}

function pendingFaults(
  declarations: readonly Declaration[],
  { options }: DeclarationRequest,
  now: Instant,
): BodyFault[] {
  return [...options.keys()]
    .filter(
      (option) =>
        declarations.filter((one) => one.option === option && one.effectiveAt > now).length > MAX_PENDING,
    )
    .map((option) => ({
      path: `options.${option}`,
      message: `would have more than ${MAX_PENDING} declarations to come`,
    }));
}

/** As they are stored: every declaration has a place for each license, and JSON takes more than DynamoDB does. */
function sizeFaults(
  { contracts, licenses, keptHosts }: Installation,
  declarations: readonly Declaration[],
): BodyFault[] {
  const declared = declarations.reduce(
    (length, { option, quantities }) =>
      length + option.length + 64 + licenses.length + Object.values(quantities).join('').length,
    0,
  );
  const rest = Buffer.byteLength(JSON.stringify({ contracts, licenses, keptHosts }));
  if (declared <= MAX_DECLARED_LENGTH && rest + declared <= MAX_ITEM_LENGTH) return [];
  const message = 'would make more declarations than the service keeps for one installation';
  return [{ path: 'options', message }];
}
