import { randomBytes } from 'node:crypto';
import type { Mail } from '../../local/mailbox.ts';
import { aHostId, type World } from './world.ts';

const SCANS = [
  'scan-failed-renewals',
  'scan-offline-hosts',
  'scan-expiring-licenses',
  'scan-ending-contracts',
] as const;

export type ScanName = (typeof SCANS)[number];

/** An address of its own for a contact. */
export const anAddress = (): string => `ops-${randomBytes(6).toString('hex')}@acme.example`;

export const contactAt = (email: string, given: object = {}): object => ({
  email,
  language: 'en',
  timeZone: 'Europe/Berlin',
  roles: ['technical', 'commercial'],
  ...given,
});

async function mailbox(world: World): Promise<Mail[]> {
  const { text } = await world.send('GET', '/_local/mail', '');
  return (JSON.parse(text) as Mail[]).reverse();
}

const isInvitation = ({ tags }: Mail): boolean => tags['kind'] === 'invitation';

/** All e-mails, oldest first, but for the invitation that the first order of each customer sends. */
export const allMails = async (world: World): Promise<Mail[]> =>
  (await mailbox(world)).filter((mail) => !isInvitation(mail));

/** Invitations to an address, oldest first. */
export const invitationsTo = async (world: World, address: string): Promise<Mail[]> =>
  (await mailbox(world)).filter((mail) => isInvitation(mail) && mail.to.includes(address));

/** Those to an address. */
export const mailsTo = async (world: World, address: string): Promise<Mail[]> =>
  (await allMails(world)).filter(({ to }) => to.includes(address));

export const subjectsTo = async (world: World, address: string): Promise<string[]> =>
  (await mailsTo(world, address)).map(({ subject }) => subject);

/** Runs a scan now; answers its report. */
export async function runScan(
  world: World,
  scan: ScanName,
  event?: object,
): Promise<Record<string, unknown>> {
  const { status, text } = await world.send(
    'POST',
    `/_local/run/${scan}`,
    event ? JSON.stringify(event) : '',
  );
  if (status !== 200) throw new Error(`${scan}: ${status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

export async function runAllScans(world: World): Promise<void> {
  for (const scan of SCANS) await runScan(world, scan);
}

export interface Installed {
  readonly address: string;
  readonly customerId: string;
  readonly hostId: string;
  readonly licenseId: string;
  readonly file: string;
}

/** A customer with one contact and a host that has renewed. */
export async function installed(
  world: World,
  given: { contract?: object; hostName?: string; contact?: object } = {},
): Promise<Installed> {
  const address = anAddress();
  const customerId = await world.customer();
  await world.accepted('PUT', `/v1/customers/${customerId}`, {
    name: 'Acme Print',
    contacts: [contactAt(address, given.contact)],
  });
  await world.order(customerId, 'c-1', { reference: 'PO 4711', ...given.contract });
  const hostId = aHostId();
  const { licenseId, file } = await world.issue(customerId, { id: hostId, name: given.hostName ?? 'rip-01' });
  return { address, customerId, hostId, licenseId, file: await world.renewed(file, { hostId }) };
}
