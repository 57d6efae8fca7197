import type * as z from 'zod/mini';
import type { ProblemCode } from '../problem.ts';

/** What one media type of a body looks like. */
export interface Content {
  /** Absent: bytes or text that no schema describes. */
  readonly schema?: z.ZodMiniType;
  /** What generated clients call the schema. @default - made of the id of the operation */
  readonly name?: string;
  /** @default application/json */
  readonly mediaType?: string;
  /** A whole, valid one, as it goes over the wire. */
  readonly example: unknown;
}

export interface Answer {
  readonly description: string;
  /** Absent: an empty body; several: in one of these media types. */
  readonly content?: Content | readonly Content[];
  /** Headers of the answer that callers may rely on, with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Parameter {
  readonly schema: z.ZodMiniType;
  readonly description: string;
  readonly example?: unknown;
}

/**
 * One route of the API, described once: the routes of the gateway, the OpenAPI document and the checks of the tests are made
 * of it.
 */
export interface Operation {
  /** In camel case, unique: `previewDistribution`. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/v1/customer/licenses/{licenseId}`. */
  readonly path: string;
  /** Who may call it: anybody, the vendor's systems (signed with SigV4), or people of a customer (with a token). */
  readonly audience: 'public' | 'vendor' | 'customer';
  /** The least role of a customer's member. @default viewer */
  readonly role?: 'viewer' | 'manager';
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Every parameter of the path must be described here. */
  readonly pathParameters?: Readonly<Record<string, Parameter>>;
  readonly query?: Readonly<Record<string, Parameter>>;
  readonly headers?: Readonly<Record<string, Parameter>>;
  readonly body?: Content | readonly Content[];
  /** By status; problems are not listed here. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes of the problems that our function answers on this route; `unavailable` goes without saying. */
  readonly problems: readonly ProblemCode[];
  /** Those of them that are answered with 409 here, though with 403 where a file is renewed. */
  readonly conflicts?: readonly ProblemCode[];
}
