/** A code of the API: stable, documented in docs/protocol.md, and what programs decide on. */
export type ProblemCode = keyof typeof problems;

/** What a decision refuses a genuine file with. */
export type RefusalCode = {
  [Code in ProblemCode]: (typeof problems)[Code] extends { refusal: string } ? Code : never;
}[ProblemCode];

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What the reader can do about it; a thrower may give a more specific one. */
  readonly detail: string;
  /** Seconds after which trying again can help. */
  readonly retryAfter?: number;
  /** Refusals only. `curable`: heals by an order; `human`: someone must act; `caller`: the caller's own mistake, never mailed. */
  readonly refusal?: 'curable' | 'human' | 'caller';
}

const CURABLE_RETRY = 3600;

/** Every problem that our functions answer. The gateway's own bare answers are listed in docs/protocol.md. */
export const problems = {
  // The renewal, before a file is proven genuine.
  'body-empty': {
    status: 400,
    title: 'The body is empty',
    detail: 'Send the license file as the body of the request.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    detail: 'A license file has at most 16 KiB. Send the license file and nothing else.',
  },
  'host-id-invalid': {
    status: 400,
    title: 'The Host-Id header is not valid',
    detail: 'Host-Id must be 1 to 128 visible ASCII characters.',
  },
  'file-malformed': {
    status: 400,
    title: 'The body is not a license file',
    detail: 'Send the license file exactly as it was delivered: one line of text, unchanged.',
  },
  'file-not-genuine': {
    status: 400,
    title: 'The license file is not genuine',
    detail:
      'The file was not signed by this service, or was changed since. Send the last file that was delivered.',
  },
  // Refusals of a genuine file.
  'contract-ended': {
    status: 403,
    title: 'The contract has ended',
    detail:
      'The contract and its grace have ended. Order an extension; the next renewal then succeeds by itself.',
    retryAfter: CURABLE_RETRY,
    refusal: 'curable',
  },
  'contract-not-started': {
    status: 403,
    title: 'The contract has not started',
    detail: 'The contract starts later. Renewal succeeds by itself from its first day on.',
    retryAfter: CURABLE_RETRY,
    refusal: 'curable',
  },
  'contract-suspended': {
    status: 403,
    title: 'The contract is suspended',
    detail:
      'The contract is suspended. Contact your vendor; the next renewal succeeds once it is active again.',
    retryAfter: CURABLE_RETRY,
    refusal: 'curable',
  },
  'license-unknown': {
    status: 403,
    title: 'The license is not known',
    detail: 'The file is genuine but its license is not known here. Contact your vendor and keep the file.',
    retryAfter: CURABLE_RETRY,
    refusal: 'curable',
  },
  'license-revoked': {
    status: 403,
    title: 'The license was revoked',
    detail: 'The license was revoked by the vendor. Contact your vendor.',
    refusal: 'human',
  },
  'starter-lapsed': {
    status: 403,
    title: 'The starter file has lapsed',
    detail: 'The starter file was not used in time. Ask for a new one.',
    refusal: 'human',
  },
  'host-id-required': {
    status: 403,
    title: 'A Host-Id header is required',
    detail: 'The file names no host. Send the id of this host in the Host-Id header.',
    refusal: 'caller',
  },
  'host-mismatch': {
    status: 403,
    title: 'The license belongs to another host',
    detail:
      'The license is bound to another host than the one in the request. Declare the move, or use the file of this host.',
    refusal: 'caller',
  },
  'license-transferred': {
    status: 403,
    title: 'The license was transferred',
    detail:
      'The license was moved to another host, which has taken it over. This host needs a license of its own.',
    refusal: 'caller',
  },
  'license-retired': {
    status: 403,
    title: 'The license was retired',
    detail:
      'The customer retired this license, and its share went to the other hosts. Declare a new host if needed.',
    refusal: 'caller',
  },
  'host-known': {
    status: 403,
    title: 'The host has a license of this installation',
    detail:
      'One host needs one license of an installation. Use the file that this host has, or choose another host.',
    refusal: 'caller',
  },
  'host-limit': {
    status: 403,
    title: 'All ordered hosts are licensed',
    detail:
      'The installation has a license for every host that is ordered. Order more hosts, or retire one that is not needed any more.',
    retryAfter: CURABLE_RETRY,
    refusal: 'curable',
  },
  // The vendor's side.
  'body-invalid': {
    status: 400,
    title: 'The body is not valid',
    detail: 'Correct the listed faults and send the whole document again.',
  },
  'customer-not-found': {
    status: 404,
    title: 'No such customer',
    detail: 'Create the customer first, or correct its id.',
  },
  'contract-not-found': { status: 404, title: 'No such contract', detail: 'Correct the id of the contract.' },
  'license-not-found': { status: 404, title: 'No such license', detail: 'Correct the id of the license.' },
  'installation-not-found': {
    status: 404,
    title: 'No such installation',
    detail: 'No contract of this customer orders this product for this installation. Order it first.',
  },
  'revision-outdated': {
    status: 409,
    title: 'The revision is outdated',
    detail: 'A newer revision of this contract was received before. Send a higher revision.',
  },
  'revision-conflict': {
    status: 409,
    title: 'The revision is taken',
    detail:
      'Another document was received under this revision. Send the changed document under a higher revision.',
  },
  'too-many-options': {
    status: 409,
    title: 'More options at once than a license file can carry',
    detail:
      'With this contract the installation would have more than 64 different options at the same time. Order fewer, or spread them over several installations.',
  },
  'not-entitled': {
    status: 409,
    title: 'Nothing entitles the installation',
    detail: 'No contract of the installation is in force. Order or extend one, then issue the license.',
  },
  'idempotency-key-reused': {
    status: 409,
    title: 'The Idempotency-Key was used for another request',
    detail: 'Use a new Idempotency-Key for each license that is to be issued.',
  },
  // The customer's side.
  'token-incomplete': {
    status: 403,
    title: 'The token names no customer',
    detail:
      'Sign in again. If it stays like this, you are not a member of any customer: ask a manager of yours to invite you.',
  },
  'role-insufficient': {
    status: 403,
    title: 'Only managers may do this',
    detail: 'Ask a manager of your company to do it, or to make you a manager.',
  },
  'query-invalid': {
    status: 400,
    title: 'The query is not valid',
    detail: 'Correct the listed parameters of the query.',
  },
  'version-outdated': {
    status: 409,
    title: 'What you read has changed meanwhile',
    detail: 'Somebody else changed the installation since you read it. Read it again, and decide again.',
  },
  'terms-outdated': {
    status: 409,
    title: 'The terms have changed',
    detail: 'Read the terms in force and accept their version and hash.',
  },
  'transfer-pending': {
    status: 409,
    title: 'A transfer is pending',
    detail:
      'The license is being moved already. Wait until the new host renews, or cancel that transfer first.',
  },
  'license-unbound': {
    status: 409,
    title: 'The license has no host yet',
    detail: 'Install its starter file on the host that is to have it; there is nothing to move yet.',
  },
  'transfer-limit': {
    status: 409,
    title: 'The license was moved as often as it may be',
    detail: 'The license has used up its transfers for now. Contact your vendor, who can allow more.',
  },
  'transfer-not-found': {
    status: 404,
    title: 'No transfer is pending',
    detail:
      'The license has no pending transfer. Check in the list of transfers whether it was completed or cancelled.',
  },
  'repair-not-offered': {
    status: 409,
    title: 'No such host has asked for this license',
    detail: 'Only the host whose renewal was refused last can be confirmed as the same machine.',
  },
  'member-not-found': { status: 404, title: 'No such member', detail: 'Correct the address of the member.' },
  'member-limit': {
    status: 409,
    title: 'No more members can be invited',
    detail:
      'A customer has at most 200 members. Remove those that are not needed any more, then send it again.',
  },
  'last-manager': {
    status: 409,
    title: 'The last manager cannot go',
    detail: 'Make somebody else a manager first, then send it again.',
  },
  'upload-invalid': {
    status: 400,
    title: 'The upload cannot be read',
    detail: 'Send one license file, or a zip of license files.',
  },
  // Everything else.
  'route-not-found': {
    status: 404,
    title: 'No such route',
    detail: 'Check method and path against the documentation.',
  },
  unavailable: {
    status: 503,
    title: 'The service is not available',
    detail: 'Nothing is wrong with the request. Try again; the license stays valid meanwhile.',
    retryAfter: 60,
  },
} as const satisfies Record<string, ProblemKind>;

/** One fault of a body, named with its path, such as `lines[1].quantity`. */
export interface BodyFault {
  readonly path: string;
  readonly message: string;
}

/** Thrown where a request cannot be served; mapped to an answer once, at the edge. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  /** Of the answer; a refusal of a renewal may be a conflict elsewhere. */
  readonly status: number;
  readonly faults: readonly BodyFault[];
  /** Ids for the log; they are not answered. */
  readonly about: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    options: {
      detail?: string | undefined;
      status?: number;
      faults?: readonly BodyFault[];
      about?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    super(code, { cause: options.cause });
    this.code = code;
    this.detail = options.detail ?? problems[code].detail;
    this.status = options.status ?? problems[code].status;
    this.faults = options.faults ?? [];
    this.about = options.about ?? {};
  }
}
