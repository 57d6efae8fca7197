import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** What DynamoDB adds to an item for its own index, counted in storage only. */
export const STORAGE_OVERHEAD = 100;

/**
 * Bytes of an item as DynamoDB counts them: names and values, UTF-8; a number about a byte for two digits and one more; three
 * bytes for a list or map and one for each of its members.
 */
export const itemBytes = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/[^\d]/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return value.L.reduce((sum, member) => sum + 1 + valueBytes(member), 3);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  return 1;
}

export const writeUnitsOf = (bytes: number): number => Math.ceil(bytes / 1024);

export const readUnitsOf = (bytes: number, consistency: 'strong' | 'eventual'): number =>
  Math.ceil(bytes / 4096) * (consistency === 'strong' ? 1 : 0.5);
