import { toItem, type Item } from './client.ts';

/** The parts of an UpdateItem that write an object: given members are set, undefined ones removed, others left alone. */
export interface Assignment {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

/**
 * Writes members one by one instead of replacing the item, so that attributes of newer code survive older code.
 * @param values members to set; undefined removes. At least one must be set.
 */
export function assign(values: Readonly<Record<string, unknown>>): Assignment {
  const names = Object.keys(values);
  const sets = names.filter((name) => values[name] !== undefined);
  const removes = names.filter((name) => values[name] === undefined);
  const clauses = [
    `SET ${sets.map((name) => `#${name} = :${name}`).join(', ')}`,
    ...(removes.length > 0 ? [`REMOVE ${removes.map((name) => `#${name}`).join(', ')}`] : []),
  ];
  return {
    UpdateExpression: clauses.join(' '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: toItem(Object.fromEntries(sets.map((name) => [`:${name}`, values[name]]))),
  };
}
