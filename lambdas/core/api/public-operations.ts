import * as z from 'zod/mini';
import { LANGUAGES } from '../alerts/kinds.ts';
import { choiceField } from '../fields.ts';
import { hostIdField } from '../license-order.ts';
import { EXAMPLE_FILE, EXAMPLE_KEY } from './examples.ts';
import type { Answer, Operation, Parameter } from './operation.ts';

const LICENSE_FILE = 'application/jwt';

const jwk = z.looseObject({
  kty: z.enum(['EC', 'RSA']),
  kid: z.string(),
  alg: z.enum(['ES256', 'RS256']),
  use: z.literal('sig'),
});

/** Called once a day by every installed product. */
export const renewalOperation = {
  id: 'renewLicense',
  method: 'POST',
  path: '/v1/licenses/renew',
  audience: 'public',
  tag: 'Renewing',
  summary: 'Renew: a license file in, its successor out',
  description:
    'The file is the credential. Any genuine file of the license is answered, whatever its age, as long as the installation is entitled or in grace. Repeating a request does no harm.',
  headers: {
    'Host-Id': {
      schema: hostIdField,
      description:
        'Id of this host, chosen by the product and stable. Needed with a starter file; absent: the `host.id` in the file.',
      example: 'H-1',
    },
    'Host-Name': {
      schema: z.string(),
      description: 'Name for display, cut to 255 characters',
      example: 'rip-01',
    },
  },
  body: { mediaType: LICENSE_FILE, example: EXAMPLE_FILE },
  answers: {
    200: {
      description: 'The new license file, on one line',
      content: { mediaType: LICENSE_FILE, example: EXAMPLE_FILE },
      headers: {
        'License-Serial': '`jti` of the file',
        'License-Expires': '`exp` of the file, ISO 8601',
        'Renew-After': 'Seconds to wait before the next renewal',
      },
    },
  },
  problems: [
    'body-empty',
    'body-too-large',
    'host-id-invalid',
    'file-malformed',
    'file-not-genuine',
    'contract-ended',
    'contract-not-started',
    'contract-suspended',
    'license-unknown',
    'license-revoked',
    'starter-lapsed',
    'host-id-required',
    'host-known',
    'host-mismatch',
    'license-transferred',
    'license-retired',
    'host-limit',
  ],
} as const satisfies Operation;

export const keysOperation = {
  id: 'getKeys',
  method: 'GET',
  path: '/.well-known/jwks.json',
  audience: 'public',
  tag: 'Service',
  summary: 'The public keys that verify license files, as a JWK set (RFC 7517)',
  answers: {
    200: {
      description: 'The keys; they may be kept for an hour',
      content: { schema: z.object({ keys: z.array(jwk) }), example: { keys: [EXAMPLE_KEY] } },
      headers: { 'Cache-Control': 'How long the set may be kept' },
    },
  },
  problems: [],
} as const satisfies Operation;

export const pingOperation = {
  id: 'ping',
  method: 'GET',
  path: '/v1/ping',
  audience: 'public',
  tag: 'Service',
  summary: 'A fixed answer, for firewall teams',
  answers: {
    200: {
      description: 'Always the same text, to be compared to the letter',
      content: {
        schema: z.literal('automated-licensing: ok\n'),
        mediaType: 'text/plain',
        example: 'automated-licensing: ok\n',
      },
    },
  },
  problems: [],
} as const satisfies Operation;

const page = (description: string): Answer => ({
  description,
  content: { mediaType: 'text/html', example: '<!doctype html>\n<html lang="en">…</html>\n' },
});

const muteQuery: Record<string, Parameter> = {
  token: {
    schema: z.string(),
    description:
      'What stands in the link of the e-mail: it names the customer, the address and the kind of e-mail',
  },
};

/** Pages for people: every answer of theirs is one. */
export const muteOperations = [
  {
    id: 'showMute',
    method: 'GET',
    path: '/v1/mute',
    audience: 'public',
    tag: 'E-mails',
    summary: 'The page behind the link in an e-mail; nothing changes yet',
    query: muteQuery,
    answers: {
      200: page('A page with a button, or saying how it stands'),
      400: page('The link is damaged, or the customer is gone'),
      503: page('A fault; try again'),
    },
    problems: [],
  },
  {
    id: 'mute',
    method: 'POST',
    path: '/v1/mute',
    audience: 'public',
    tag: 'E-mails',
    summary: 'Stop the kind of e-mail that the link names, or take that back',
    description: 'Mail programs post here by themselves (RFC 8058).',
    query: muteQuery,
    body: {
      schema: z.object({ undo: z.optional(z.string()), 'List-Unsubscribe': z.optional(z.string()) }),
      mediaType: 'application/x-www-form-urlencoded',
      example: { 'List-Unsubscribe': 'One-Click' },
    },
    answers: {
      200: page('Stopped, or taken back'),
      400: page('The link is damaged, or the customer is gone'),
      409: page('Somebody has to keep getting these e-mails'),
      503: page('A fault; try again'),
    },
    problems: [],
  },
] as const satisfies readonly Operation[];

const caching = { 'Cache-Control': 'How long it may be kept', ETag: 'Fingerprint of it' };

const ifNoneMatch: Parameter = {
  schema: z.string(),
  description: 'The `ETag` of the copy that the caller has',
  example: '"2jmj7l5rSw0yVb_vlWAYkK_YBwk"',
};

/** For what seldom changes. */
const cached = {
  method: 'GET',
  audience: 'public',
  tag: 'Service',
  headers: { 'If-None-Match': ifNoneMatch },
} as const;

const notModified: Answer = { description: 'The copy of the caller is the newest', headers: caching };

export const contractSchemaPath = '/v1/schemas/contract.json';

const languageField = choiceField(LANGUAGES);

export const termsQuery = z.strictObject({ language: z._default(languageField, 'en') });

/** What the service says about itself. */
export const publishedOperations = [
  {
    ...cached,
    id: 'getDescription',
    path: '/v1/openapi.json',
    summary: 'This description of the API (OpenAPI 3.1)',
    answers: {
      200: {
        description: 'The description',
        headers: caching,
        content: {
          schema: z.looseObject({ openapi: z.string(), info: z.looseObject({ title: z.string() }) }),
          example: { openapi: '3.1.1', info: { title: 'Automated licensing', version: '1' } },
        },
      },
      304: notModified,
    },
    problems: [],
  },
  {
    ...cached,
    id: 'getContractSchema',
    path: contractSchemaPath,
    summary: 'The JSON Schema (2020-12) of a contract document, for whoever connects an ERP',
    answers: {
      200: {
        description: 'The schema',
        headers: caching,
        content: {
          mediaType: 'application/schema+json',
          schema: z.looseObject({ $schema: z.string(), $id: z.string(), type: z.literal('object') }),
          example: {
            $schema: 'https://json-schema.org/draft/2020-12/schema',
            $id: `https://licensing.vendor.example${contractSchemaPath}`,
            type: 'object',
          },
        },
      },
      304: notModified,
    },
    problems: [],
  },
  {
    ...cached,
    id: 'getTerms',
    path: '/v1/terms',
    summary: 'The terms in force for moving a license to another host',
    description: 'Whoever declares a transfer accepts them by `version` and `hash`, those of any language.',
    query: {
      language: { schema: languageField, description: 'Their language; `en` unless given', example: 'de' },
    },
    answers: {
      200: {
        description: 'The terms',
        headers: caching,
        content: {
          name: 'Terms',
          schema: z.object({
            version: z.string(),
            language: languageField,
            text: z.string(),
            hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
          }),
          example: {
            version: '2026-01',
            language: 'en',
            text: '# Moving a license\n\nThe old host stops using the product …',
            hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          },
        },
      },
      304: notModified,
    },
    problems: ['query-invalid'],
  },
] as const satisfies readonly Operation[];
