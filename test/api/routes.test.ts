import { describe, expect, inject, it } from 'vitest';
import { operations, routeKeyOf } from '../../lambdas/core/api/operations.ts';
import { STAGE_NAMES } from '../../lib/config.ts';
import { readAssembly } from '../../local/assembly.ts';
import { synthesize, type Resource } from '../lib/synthesized.ts';

const LOCKS = { public: 'NONE', vendor: 'AWS_IAM', customer: 'JWT' } as const;

/** Every operation with the lock that its route must have. */
const expected = operations.map((operation) => [routeKeyOf(operation), LOCKS[operation.audience]]).sort();

const lockOf = ({ RouteKey, AuthorizationType }: Resource['Properties']): unknown[] => [
  RouteKey,
  AuthorizationType,
];
const isOperation = ([key]: unknown[]): boolean => key !== '$default';

describe('The routes of the gateway are the operations of the description:', () => {
  const { stacks } = synthesize();

  it.each(STAGE_NAMES)('stage %s', (stage) => {
    const routes = stacks[stage].ofType('AWS::ApiGatewayV2::Route');
    expect(
      routes
        .map(({ Properties }) => lockOf(Properties))
        .filter(isOperation)
        .sort(),
    ).toEqual(expected);
  });

  it('the template that is run here', () => {
    expect(inject('synthesisFault')).toBe('');
    const resources = [...readAssembly(inject('assembly')).resources.values()];
    const routes = resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Route');
    expect(
      routes
        .map(({ properties }) => lockOf(properties))
        .filter(isOperation)
        .sort(),
    ).toEqual(expected);
  });
});

describe('Who may call what is seen from the path:', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
    expect(operation.path.startsWith('/v1/customer/')).toBe(operation.audience === 'customer');
    if (operation.audience !== 'customer') expect(operation.role).toBeUndefined();
    // Whoever may only look changes nothing: what reads only has another method in these, or is about the caller alone.
    const anybodys = ['previewDistribution', 'askWhatIf', 'chooseMembership'];
    if (operation.audience === 'customer' && operation.method !== 'GET' && !anybodys.includes(operation.id)) {
      expect(operation.role).toBe('manager');
    }
  });
});
