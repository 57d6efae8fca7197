import * as z from 'zod/mini';
import { fileField } from './common.ts';
import { EXAMPLE_FILE } from './examples.ts';
import type { Operation } from './operation.ts';

export const renewalsOperations = [
  {
    id: 'renewUploads',
    method: 'POST',
    path: '/v1/customer/renewals',
    audience: 'customer',
    role: 'manager',
    tag: 'Licenses',
    summary: 'Renew license files of hosts without network',
    description:
      'One license file is answered with its successor. A zip of up to 500 is answered with a zip: the successors under the names of ' +
      'their predecessors, and `report.json` and `report.csv`, which say of each file `renewed`, `refused` with the code, or ' +
      '`not-processed`: send those again. A request has at most 4 MiB, a license file 16 KiB. Each file takes the same checks as a ' +
      "host's own renewal; one of another customer is not told from one that is not genuine.",
    headers: {
      'Host-Id': {
        schema: z.string(),
        description: 'With one file: the host that it is for, where the file names none or another.',
        example: 'H-1',
      },
      'Host-Name': {
        schema: z.string(),
        description: 'With one file: the name of that host.',
        example: 'rip-01',
      },
    },
    body: [
      { mediaType: 'application/jwt', schema: fileField, name: 'LicenseFile', example: EXAMPLE_FILE },
      { mediaType: 'application/zip', example: '(bytes of a zip)' },
    ],
    answers: {
      200: {
        description: 'The successor; for a zip, a zip',
        headers: { 'content-disposition': 'Names the file' },
        content: [
          { mediaType: 'application/jwt', schema: fileField, name: 'LicenseFile', example: EXAMPLE_FILE },
          { mediaType: 'application/zip', example: '(bytes of a zip)' },
        ],
      },
    },
    problems: [
      'token-incomplete',
      'role-insufficient',
      'query-invalid',
      'body-empty',
      'body-too-large',
      'upload-invalid',
      'host-id-invalid',
      'file-malformed',
      'file-not-genuine',
      'contract-ended',
      'contract-not-started',
      'contract-suspended',
      'license-unknown',
      'license-revoked',
      'license-retired',
      'starter-lapsed',
      'host-limit',
      'host-id-required',
      'host-known',
      'host-mismatch',
      'license-transferred',
    ],
  },
] as const satisfies readonly Operation[];
