import { LocalRunError } from './local-run-error.ts';

/** What a reference to a resource, a parameter or a pseudo parameter stands for; `attribute` is absent for `Ref`. */
export type Lookup = (logicalId: string, attribute: string | undefined) => string;

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name and argument of an intrinsic function, such as `{"Ref": "Table"}`. */
function intrinsicIn(value: unknown): [name: string, argument: unknown] | undefined {
  if (!isMembers(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  return entry[0] === 'Ref' || entry[0].startsWith('Fn::') ? entry : undefined;
}

/** Replaces the intrinsic functions of CloudFormation in a value of the template by what they stand for. */
export function resolve(value: unknown, lookup: Lookup): unknown {
  const intrinsic = intrinsicIn(value);
  if (intrinsic !== undefined) return resolveIntrinsic(...intrinsic, lookup);
  if (Array.isArray(value))
    return value.map((item) => resolve(item, lookup)).filter((item) => item !== NO_VALUE);
  if (!isMembers(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, resolve(member, lookup)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
}

const NO_VALUE = Symbol('AWS::NoValue');

function resolveIntrinsic(name: string, argument: unknown, lookup: Lookup): unknown {
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? NO_VALUE : lookup(String(argument), undefined);
    case 'Fn::GetAtt': {
      const [logicalId, ...attribute] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split('.');
      return lookup(logicalId ?? '', attribute.join('.'));
    }
    case 'Fn::Join': {
      const [separator, parts] = resolve(argument, lookup) as [string, unknown[]];
      return parts.map(String).join(separator);
    }
    case 'Fn::Split': {
      const [separator, text] = resolve(argument, lookup) as [string, string];
      return text.split(separator);
    }
    case 'Fn::Select': {
      const [index, list] = resolve(argument, lookup) as [number | string, unknown[]];
      return list[Number(index)];
    }
    case 'Fn::Sub': {
      const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Members];
      return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, reference: string) => {
        if (literal !== '') return `\${${reference}}`;
        if (reference in variables) return String(resolve(variables[reference], lookup));
        const [logicalId = '', ...attribute] = reference.split('.');
        return lookup(logicalId, attribute.length === 0 ? undefined : attribute.join('.'));
      });
    }
    default:
      throw new LocalRunError(`the template uses ${name}, which the local run does not know`);
  }
}

/** The first resource that a value refers to, by `Ref` or `Fn::GetAtt` at any depth. */
export function referenceIn(value: unknown): string | undefined {
  const intrinsic = intrinsicIn(value);
  if (intrinsic?.[0] === 'Ref') return String(intrinsic[1]);
  if (intrinsic?.[0] === 'Fn::GetAtt') {
    return Array.isArray(intrinsic[1]) ? String(intrinsic[1][0]) : String(intrinsic[1]).split('.')[0];
  }
  const inside = Array.isArray(value) ? value : isMembers(value) ? Object.values(value) : [];
  for (const part of inside) {
    const reference = referenceIn(part);
    if (reference !== undefined) return reference;
  }
  return undefined;
}
