import * as z from 'zod/mini';
import { lineField } from '../fields.ts';
import { displayName } from '../host.ts';
import { hostIdField } from '../license-order.ts';

export const siteField = lineField(100);

const NAME_MESSAGE = 'must be at most 255 characters';
const hostNameField = z.string(NAME_MESSAGE).check(z.maxLength(255, NAME_MESSAGE));

/** A host as a customer names it: by its id, or by a name alone where the id is not known yet. */
export const namedHostField = z
  .strictObject(
    { id: z.optional(hostIdField), name: z.optional(hostNameField) },
    'must be a host, such as {"id": "H-2"} or {"name": "rip-02"}',
  )
  .check(
    z.refine(({ id, name }) => id !== undefined || displayName(name) !== undefined, 'needs an id or a name'),
  );

export interface NamedHost {
  readonly id?: string;
  readonly name?: string;
}

/** The host of a body, its name without what cannot be displayed. */
export function namedHost(host: z.output<typeof namedHostField>): NamedHost {
  const name = displayName(host.name);
  return {
    ...(host.id === undefined ? {} : { id: host.id }),
    ...(name === undefined ? {} : { name }),
  };
}
