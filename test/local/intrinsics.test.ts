import { describe, expect, it } from 'vitest';
import { referenceIn, resolve, type Lookup } from '../../local/intrinsics.ts';

const lookup: Lookup = (logicalId, attribute) =>
  attribute === undefined ? `<${logicalId}>` : `<${logicalId}.${attribute}>`;

describe('an intrinsic function of CloudFormation', () => {
  it.each<[unknown, unknown]>([
    [{ Ref: 'Table' }, '<Table>'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, '<Table.Arn>'],
    [{ 'Fn::GetAtt': 'Nested.Outputs.Name' }, '<Nested.Outputs.Name>'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'B' }, { 'Fn::Join': ['', ['c', 'd']] }]] }, 'a/<B>/cd'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::Sub': '${A} and ${B.Arn} but not ${!C}' }, '<A> and <B.Arn> but not ${C}'],
    [{ 'Fn::Sub': ['${X}-${A}', { X: { Ref: 'Y' } }] }, '<Y>-<A>'],
    [{ a: [{ Ref: 'A' }, 1, null], b: { Ref: 'AWS::NoValue' } }, { a: ['<A>', 1, null] }],
    [[{ Ref: 'AWS::NoValue' }, 'kept'], ['kept']],
    ['text', 'text'],
    [
      { Ref: 'A', other: 1 },
      { Ref: 'A', other: 1 },
    ],
  ])('%j is resolved to %j', (value, resolved) => {
    expect(resolve(value, lookup)).toEqual(resolved);
  });

  it('that is not known stops the run with its name', () => {
    expect(() => resolve({ 'Fn::Cidr': [] }, lookup)).toThrow('the template uses Fn::Cidr');
  });
});

it('the first reference is found at any depth', () => {
  expect(referenceIn({ 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] })).toBe('Integration');
  expect(referenceIn({ 'Fn::GetAtt': ['Function', 'Arn'] })).toBe('Function');
  expect(referenceIn({ 'Fn::GetAtt': 'Function.Arn' })).toBe('Function');
  expect(referenceIn('plain')).toBeUndefined();
});
