/** Whose tokens a route takes. */
export interface JwtAuthorizer {
  readonly issuer: string;
  readonly audiences: readonly string[];
}

/** One route of the HTTP API in the template. */
export interface Route {
  /** `POST /v1/licenses/renew`, `ANY /x/{proxy+}` or `$default`. */
  readonly routeKey: string;
  /** Open, signed by an IAM identity, or with a token of an issuer. */
  readonly authorization: 'NONE' | 'AWS_IAM' | JwtAuthorizer;
  readonly functionName: string;
  /** The gateway answers for itself when the function takes longer. */
  readonly timeoutMs: number;
}

export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

interface CompiledRoute {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly string[];
}

/** Picks the route as HTTP API does: the most specific path, then the method before `ANY`, then `$default`. */
export class RouteTable {
  readonly #routes: readonly CompiledRoute[];
  readonly #default: Route | undefined;

  constructor(routes: readonly Route[]) {
    this.#default = routes.find(({ routeKey }) => routeKey === '$default');
    this.#routes = routes
      .filter((route) => route !== this.#default)
      .map((route) => {
        const [method = '', path = ''] = route.routeKey.split(' ');
        return { route, method, segments: path.split('/').slice(1) };
      })
      .sort((a, b) => specificity(b).localeCompare(specificity(a)));
  }

  /** `path` is decoded. */
  match(method: string, path: string): RouteMatch | undefined {
    const segments = path.split('/').slice(1);
    for (const compiled of this.#routes) {
      if (compiled.method !== method && compiled.method !== 'ANY') continue;
      const parameters = matchSegments(compiled.segments, segments);
      if (parameters === undefined) continue;
      return {
        route: compiled.route,
        pathParameters: Object.keys(parameters).length > 0 ? parameters : undefined,
      };
    }
    return this.#default && { route: this.#default, pathParameters: undefined };
  }
}

/** Sorts by text: fixed segments before parameters before greedy ones, a named method before `ANY`. */
const specificity = ({ method, segments }: CompiledRoute): string =>
  segments.map((segment) => (isGreedy(segment) ? '0' : isParameter(segment) ? '1' : '2')).join('') +
  (method === 'ANY' ? '' : '9');

const isParameter = (segment: string): boolean => segment.startsWith('{') && segment.endsWith('}');
const isGreedy = (segment: string): boolean => segment.endsWith('+}');

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (isGreedy(part)) {
      const rest = segments.slice(index).join('/');
      if (rest === '') return undefined;
      parameters[part.slice(1, -2)] = rest;
      return parameters;
    }
    if (segment === undefined) return undefined;
    if (!isParameter(part)) {
      if (part !== segment) return undefined;
    } else {
      if (segment === '') return undefined;
      parameters[part.slice(1, -1)] = segment;
    }
  }
  return pattern.length === segments.length ? parameters : undefined;
}
