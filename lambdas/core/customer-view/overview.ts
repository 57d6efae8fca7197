import type { ComingItem, EndingItem, Overview, TodoItem } from '../api/overview-operations.ts';
import { endingStanding } from '../alerts/ending-standing.ts';
import type { AlertLimits } from '../alerts/limits.ts';
import type { EndingSubject } from '../alerts/subjects.ts';
import { periodsOf } from '../entitlement.ts';
import { hostChanges, hostsAllowedAt } from '../hosts-allowed.ts';
import { DAY, isoOf, type Instant } from '../instant.ts';
import type { Installation } from '../installation.ts';
import { comingOf } from '../report/coming.ts';
import { placesAt, type Places } from './installation-view.ts';
import { comes, isoIf } from './license-item.ts';
import { countByStanding, type ViewedLicense } from './standing.ts';
import { STEP_KINDS } from './step-kinds.ts';
import type { CustomerView } from './view-store.ts';

/** As far ahead as changes are shown. */
const COMING_WITHIN = 30 * DAY;

/** Items shown of each list. */
const MAX_ITEMS = 100;

/** How everything of a customer stands, and what there is to do. */
export function overviewOf(customerId: string, view: CustomerView, now: Instant): Overview {
  const { installations, licenses, limits } = view;
  const [name] = installations.map(({ customerName }) => customerName);
  return {
    asOf: isoOf(now),
    customer: { id: customerId, ...(name === undefined ? {} : { name }) },
    installations: installations.length,
    hosts: placesOf(installations, now, limits),
    licenses: { total: licenses.length, byStanding: countByStanding(licenses) },
    ending: cut(endingOf(installations, now, limits)),
    coming: cut(comingIn(view, now)),
    todo: cut(todoOf(view, now)),
  };
}

const cut = <Item>(items: readonly Item[]): { total: number; items: Item[] } => ({
  total: items.length,
  items: items.slice(0, MAX_ITEMS),
});

function placesOf(installations: readonly Installation[], now: Instant, { defaults }: AlertLimits): Places {
  const sum = { ordered: 0, allowed: 0, licensed: 0 };
  for (const installation of installations) {
    const { ordered, allowed, licensed } = placesAt(installation, now, defaults);
    sum.ordered += ordered;
    sum.allowed += allowed;
    sum.licensed += licensed;
  }
  return sum;
}

/** The same ends as in the e-mails, but however far away. */
function endingOf(installations: readonly Installation[], now: Instant, limits: AlertLimits): EndingItem[] {
  return installations
    .flatMap((installation) => endOfEntitlement(installation, now, limits) ?? [])
    .sort((a, b) => a.endsAt - b.endsAt)
    .map(({ product, installation, contracts, endsAt, graceUntil, trial, hosts, nextStartsAt }) => ({
      product,
      installation,
      contracts: [...contracts],
      endsAt: isoOf(endsAt),
      ...isoIf('graceUntil', graceUntil),
      isTrial: trial,
      hosts,
      ...isoIf('nextStartsAt', nextStartsAt),
    }));
}

function endOfEntitlement(
  installation: Installation,
  now: Instant,
  limits: AlertLimits,
): Omit<EndingSubject, 'step'> | undefined {
  // What ended before this has no grace left, and is no news.
  const isOver = periodsOf(installation.contracts, limits.defaults).every(
    ({ graceUntil }) => graceUntil !== null && graceUntil <= now,
  );
  if (isOver) return undefined;
  const ever = {
    ...limits,
    endingWithinDays: Number.MAX_SAFE_INTEGER,
    trialEndingWithinDays: Number.MAX_SAFE_INTEGER,
  };
  const standing = endingStanding(installation, now, ever);
  return standing.kind === 'ending' && comes(standing.about.endsAt) ? standing.about : undefined;
}

/** Orders, declarations, retirements and lapses that take effect soon, in order of time. */
function comingIn({ installations, licenses, limits }: CustomerView, now: Instant): ComingItem[] {
  const until = now + COMING_WITHIN;
  const isSoon = (instant: Instant | undefined): instant is Instant =>
    instant !== undefined && now < instant && instant <= until;
  const ordered = installations
    .flatMap((installation) => comingOf(installation, now, until, limits.defaults))
    .map((coming) => {
      const { at, product, installation, contract, kind } = coming;
      const about = { kind, product, installation, contract };
      return 'option' in coming
        ? { at, item: { ...about, option: coming.option, scope: coming.scope, quantity: coming.quantity } }
        : { at, item: { ...about, continues: coming.continues } };
    });
  const declared = installations.flatMap(({ product, installation, declarations = [] }) =>
    declarations
      .filter(({ effectiveAt }) => isSoon(effectiveAt))
      .map(({ option, effectiveAt }) => ({
        at: effectiveAt,
        item: { kind: 'distribution-changes' as const, product, installation, option },
      })),
  );
  const leaving = licenses.flatMap((viewed) => {
    const { license, retiresAt } = viewed;
    const lapsesAt = license.host ? undefined : license.lapsesAt;
    return [
      ...(isSoon(retiresAt)
        ? [{ at: retiresAt, item: { kind: 'license-retires' as const, ...aboutHost(viewed) } }]
        : []),
      ...(isSoon(lapsesAt) && retiresAt === undefined
        ? [{ at: lapsesAt, item: { kind: 'license-lapses' as const, ...aboutHost(viewed) } }]
        : []),
    ];
  });
  return [...ordered, ...declared, ...leaving]
    .sort((a, b) => a.at - b.at)
    .map(({ at, item }) => ({ ...item, at: isoOf(at) }));
}

const aboutHost = ({ license: { licenseId, product, installation, host } }: ViewedLicense) => ({
  licenseId,
  product,
  installation,
  ...(host ? { host } : {}),
});

interface Todo {
  readonly item: TodoItem;
  readonly dueAt: Instant;
}

function todoOf({ installations, licenses, limits }: CustomerView, now: Instant): TodoItem[] {
  const todos = [
    ...installations.flatMap((installation) => [
      ...endingTodos(installation, now, limits),
      ...hostTodos(installation, now, limits),
    ]),
    ...licenses.flatMap((viewed) => licenseTodos(viewed)),
  ];
  // By urgency, then by what becomes worse first.
  return todos
    .sort(
      (a, b) =>
        STEP_KINDS.indexOf(a.item.kind) - STEP_KINDS.indexOf(b.item.kind) ||
        compareInstants(a.dueAt, b.dueAt),
    )
    .map(({ item }) => item);
}

/** Two that never come are equal; their difference is not a number. */
const compareInstants = (a: Instant, b: Instant): number => (a === b ? 0 : a - b);

const todo = (item: TodoItem, dueAt?: Instant): Todo => ({
  item: { ...item, ...isoIf('dueAt', dueAt) },
  dueAt: dueAt ?? Number.POSITIVE_INFINITY,
});

function endingTodos(installation: Installation, now: Instant, limits: AlertLimits): Todo[] {
  const standing = endingStanding(installation, now, limits);
  if (standing.kind !== 'ending') return [];
  const { endsAt, graceUntil } = standing.about;
  const about = { product: installation.product, installation: installation.installation };
  if (now < endsAt) return [todo({ kind: 'contract-ending', ...about }, endsAt)];
  const ended = { kind: 'contract-ended' as const, ...about, since: isoOf(endsAt) };
  return [now < graceUntil ? todo(ended, graceUntil) : todo(ended)];
}

/** More licensed than may run: the customer chooses whom to retire, before the last ones are refused. */
function hostTodos(installation: Installation, now: Instant, { defaults }: AlertLimits): Todo[] {
  const { ordered, allowed, licensed } = placesAt(installation, now, defaults);
  const isEntitled = periodsOf(installation.contracts, defaults).some(
    ({ from, until }) => from <= now && (until === null || now < until),
  );
  if (!isEntitled || licensed <= ordered) return [];
  const { product, installation: name } = installation;
  const item = {
    kind: 'too-many-hosts' as const,
    product,
    installation: name,
    excess: licensed - ordered,
  };
  return [licensed <= allowed ? todo(item, refusedFrom(installation, licensed, now, defaults)) : todo(item)];
}

/** When the hosts that are allowed are fewer than those licensed. */
function refusedFrom(
  installation: Installation,
  licensed: number,
  now: Instant,
  defaults: AlertLimits['defaults'],
): Instant | undefined {
  return hostChanges(installation, defaults)
    .filter((instant) => instant > now)
    .sort((a, b) => a - b)
    .find((instant) => hostsAllowedAt(installation, instant, defaults) < licensed);
}

function licenseTodos(viewed: ViewedLicense): Todo[] {
  const { license, standing } = viewed;
  const { current, failingSince, lastRefusal, lastSeenAt, unknownHost, transfer, lapsesAt } = license;
  const about = aboutHost(viewed);
  const isGone = standing === 'retired' || standing === 'lapsed' || standing === 'revoked';
  if (isGone) return [];
  const trouble = (): Todo[] => {
    switch (standing) {
      case 'failing':
        return [
          todo(
            {
              kind: 'host-failing',
              ...about,
              ...isoIf('since', failingSince),
              ...(lastRefusal === undefined ? {} : { refusal: lastRefusal }),
            },
            current?.expiresAt,
          ),
        ];
      case 'expiring':
        return [todo({ kind: 'file-expiring', ...about, ...isoIf('since', lastSeenAt) }, current?.expiresAt)];
      case 'offline':
        // Whoever moves or retires a host knows that it is silent.
        return transfer || viewed.retiresAt !== undefined
          ? []
          : [todo({ kind: 'host-offline', ...about, ...isoIf('since', lastSeenAt) }, current?.expiresAt)];
      case 'not-installed':
        return license.host ? [] : [todo({ kind: 'starter-waiting', ...about }, lapsesAt)];
      case 'healthy':
      case 'in-grace':
      case 'not-entitled':
      case 'beyond-hosts':
        return [];
    }
  };
  return [
    ...trouble(),
    ...(unknownHost ? [todo({ kind: 'unknown-host', ...about, ...isoIf('since', unknownHost.seenAt) })] : []),
    ...(transfer
      ? [todo({ kind: 'transfer-waiting', ...about, ...isoIf('since', transfer.declaredAt) })]
      : []),
  ];
}
