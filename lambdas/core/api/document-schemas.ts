import * as z from 'zod/mini';
import { contractSchema } from '../contract.ts';
import { customerSchema } from '../customer.ts';

/** A document of JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The document of a contract as JSON Schema, for an ERP that wants to check what it sends. Not all can be said in it: that an
 * end is not before its start, that days exist, and that ids of lines are unique, only the service knows.
 */
export const contractJsonSchema = (): JsonSchema => ({
  ...schemaOf(contractSchema, 'Contract', 'One order of a customer for one product, as the ERP sends it'),
  allOf: [
    {
      if: { properties: { kind: { const: 'perpetual' } }, required: ['kind'] },
      then: { not: { required: ['endsOn'] } },
      else: { required: ['endsOn'] },
    },
    {
      if: { properties: { kind: { const: 'trial' } }, required: ['kind'] },
      then: { properties: { graceDays: { const: 0 } } },
    },
  ],
});

/** The document of a customer as JSON Schema. */
export const customerJsonSchema = (): JsonSchema =>
  schemaOf(customerSchema, 'Customer', 'A company that holds contracts, and the people there who get e-mail');

const schemaOf = (schema: z.ZodMiniType, title: string, description: string): JsonSchema => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, title, description, ...rest };
};
