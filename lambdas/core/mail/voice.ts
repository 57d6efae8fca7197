import type { AlertKind } from '../alerts/kinds.ts';
import type { ContractName, Notice, NoticeKind, Subject } from '../alerts/subjects.ts';
import { DEFAULT_INSTALLATION } from '../fields.ts';
import type { Instant } from '../instant.ts';
import type { Host } from '../license.ts';
import { cleanHostText, cleanText } from './clean.ts';
import type { Dates } from './dates.ts';
import type { MailBlock, MailFact, MailLink, MailRow } from './document.ts';
import type { Texts } from './texts/texts.ts';

/** More contracts than this are counted, not named, in a sentence and in a heading. */
const MAX_NAMED_IN_SENTENCE = 2;
const MAX_NAMED_IN_HEADING = 5;

/** A reference in a subject line, which has little room. */
const SHORT_REFERENCE = 30;

/** How an e-mail speaks to one reader. */
export interface Voice {
  readonly texts: Texts;
  readonly dates: Dates;
  readonly now: Instant;
  readonly portalUrl: string | undefined;
}

/** What an e-mail says of some notices. */
export interface Story {
  /** What and how many, in one line; also the subject line, so without anything that hosts chose. */
  readonly headline: string;
  readonly blocks: readonly MailBlock[];
}

export type SubjectOf<Kind extends AlertKind> = Extract<Subject, { kind: Kind }>;

export interface NoticeOf<Kind extends AlertKind> {
  readonly notice: NoticeKind;
  readonly subject: SubjectOf<Kind>;
  readonly nowEndsAt?: Instant | null;
}

const isOfKind = <Kind extends AlertKind>(subject: Subject, kind: Kind): subject is SubjectOf<Kind> =>
  subject.kind === kind;

export const noticesOf = <Kind extends AlertKind>(notices: readonly Notice[], kind: Kind): NoticeOf<Kind>[] =>
  notices.flatMap(({ subject, ...rest }) => (isOfKind(subject, kind) ? [{ ...rest, subject }] : []));

type InInstallation = Pick<Subject, 'product' | 'installation' | 'contracts'>;

/** `PO 4711 (c-1001)`: as the customer knows it, and as the vendor does. */
function contractName({ id, reference }: ContractName): string {
  const cleanId = cleanText(id);
  const clean = cleanText(reference);
  return clean === '' ? cleanId : `${clean} (${cleanId})`;
}

const shortContractName = ({ id, reference }: ContractName): string =>
  cleanText(reference, SHORT_REFERENCE) || cleanText(id, SHORT_REFERENCE);

/** The contracts of subjects, each once. */
export const contractsOf = (subjects: readonly InInstallation[]): ContractName[] => [
  ...new Map(
    subjects.flatMap(({ contracts }) => contracts).map((contract) => [contract.id, contract]),
  ).values(),
];

/** The contracts in a sentence; undefined where there are too many, or none. */
export function namedContracts(
  { texts }: Voice,
  contracts: readonly ContractName[],
  form: 'full' | 'short' = 'full',
): string | undefined {
  if (contracts.length === 0 || contracts.length > MAX_NAMED_IN_SENTENCE) return undefined;
  return texts.list(contracts.map(form === 'full' ? contractName : shortContractName));
}

/** The contracts of one installation. */
export function listedContracts(contracts: readonly ContractName[]): string {
  const names = contracts.slice(0, MAX_NAMED_IN_HEADING).map(contractName);
  return [...names, ...(contracts.length > names.length ? ['…'] : [])].join(', ');
}

/** `ES`, `ES, installation west`. */
export function installationName(
  { texts: { words } }: Voice,
  { product, installation }: Pick<InInstallation, 'product' | 'installation'>,
): string {
  const name = cleanText(product);
  return installation === DEFAULT_INSTALLATION
    ? name
    : `${name}, ${words.installation} ${cleanText(installation)}`;
}

/** The product, if it is one. */
export function productOf(subjects: readonly InInstallation[]): string | undefined {
  const products = new Set(subjects.map(({ product }) => cleanText(product)));
  const [product] = products;
  return products.size === 1 && product !== '' ? product : undefined;
}

/** A host as the reader knows it. */
export function hostRow(
  { texts: { words }, portalUrl }: Voice,
  { licenseId, host }: { readonly licenseId: string; readonly host?: Host },
  facts: readonly MailFact[],
): MailRow {
  const id = cleanText(licenseId);
  const hostName = cleanHostText(host?.name);
  const hostId = cleanHostText(host?.id);
  return {
    name: hostName || hostId || id,
    ...(portalUrl === undefined
      ? {}
      : { url: portalLink(portalUrl, `/licenses/${encodeURIComponent(id)}`, id).url }),
    ids: [
      ...(hostName !== '' && hostId !== '' ? [{ label: words.hostId, value: hostId }] : []),
      { label: words.license, value: id },
    ],
    facts,
  };
}

/** In the order in which each key comes first. */
export function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

/** How many subjects an e-mail lists. */
const MAX_LISTED = 100;

/** Deals out the room of an e-mail to groups of subjects, first come, first served. */
export function dealRoom<Item>(
  groups: readonly Item[][],
  size = MAX_LISTED,
): { all: Item[]; listed: Item[]; more: number }[] {
  let room = size;
  return groups.map((all) => {
    const listed = all.slice(0, room);
    room -= listed.length;
    return { all, listed, more: all.length - listed.length };
  });
}

export const moreOf = (
  { texts, portalUrl }: Voice,
  count: number,
  kind: AlertKind,
  path: string,
): Pick<MailBlock, 'more'> =>
  count === 0
    ? {}
    : {
        more: {
          text: texts.more(count, kind),
          ...(portalUrl === undefined ? {} : { link: portalLink(portalUrl, path, texts.showAll) }),
        },
      };

export const portalLink = (portalUrl: string, path: string, label: string): MailLink => ({
  label,
  url: `${portalUrl.replace(/\/+$/, '')}${path}`,
});
