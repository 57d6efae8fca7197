import { EXAMPLE_FILE, EXAMPLE_STARTER_FILE } from '../../lambdas/core/api/examples.ts';
import type { Content, Operation } from '../../lambdas/core/api/operation.ts';
import { termsInForce } from '../../lambdas/core/terms.ts';
import type { Named } from './population.ts';

/** What the service counts, so that a request is not refused for being out of date. */
export interface Versions {
  readonly installation?: unknown;
  readonly contacts?: unknown;
  /** Of a contract, higher than any before. */
  readonly revision?: number;
}

/** The path of an operation about what is named, without a query. */
export const pathOf = ({ path, pathParameters = {} }: Operation, named: Named): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(valueOf(name, named) ?? String(pathParameters[name]?.example)),
  );

const valueOf = (name: string, named: Named): string | undefined =>
  // Only names are looked up, and only texts come out.
  Object.hasOwn(named, name) ? named[name as keyof Named] : undefined;

/** The example of a body, about what is named; undefined where the operation takes none. */
export function exampleBodyOf(
  { body }: Operation,
  named: Named,
  versions: Versions = {},
): Content | undefined {
  const first = body === undefined ? undefined : [body].flat()[0];
  return first && { ...first, example: about(first.example, named, versions) };
}

/** An example as the bytes that are sent. */
export function bytesOf({ mediaType = 'application/json', example }: Content): Buffer {
  if (mediaType.endsWith('json')) return Buffer.from(JSON.stringify(example));
  if (typeof example === 'string') return Buffer.from(example);
  return Buffer.from(new URLSearchParams(example as Record<string, string>).toString());
}

function about(example: unknown, named: Named, versions: Versions, member = ''): unknown {
  if (typeof example === 'string') return textAbout(example, named, versions, member);
  if (member === 'version') return versions.installation ?? example;
  if (member === 'revision') return versions.revision ?? example;
  if (typeof example !== 'object' || example === null) return example;
  if (member === 'terms') return { version: termsInForce().version, hash: termsInForce().documents[0]?.hash };
  if (Array.isArray(example)) return example.map((item) => about(item, named, versions, member));
  return Object.fromEntries(
    Object.entries(example).map(([name, value]) => [
      textAbout(name, named, versions, ''),
      about(value, named, versions, name),
    ]),
  );
}

/** The story of the examples, told of somebody else. */
function textAbout(text: string, named: Named, { contacts }: Versions, member: string): string {
  if (text === EXAMPLE_FILE || text === EXAMPLE_STARTER_FILE) return named.file;
  if (/^lic_[0-9a-v]{26}$/.test(text)) return named.licenseId;
  if (text === 'render-engine') return named.option;
  if (member === 'product') return named.product;
  if (member === 'installation') return named.installation;
  if (member === 'actFor') return named.customerId;
  if (member === 'version' && typeof contacts === 'string') return contacts;
  return text;
}
