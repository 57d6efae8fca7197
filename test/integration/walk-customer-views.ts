import { zipSync } from 'fflate';
import { callsOf, replyLost } from '../support/aws-proxy.ts';
import { aHostId, type World } from './world.ts';

/** Every path on which the functions that show and renew for a customer call AWS. */
export async function walkCustomerViews(world: World): Promise<void> {
  const { file, licenseId, customerId } = await world.licensedHost();
  const get = world.asCustomer(customerId, 'viewer');
  for (const path of [
    'overview',
    'licenses',
    'licenses.csv',
    `licenses/${licenseId}`,
    `licenses/${licenseId}/timeline`,
    'installations',
    'installations/ES/main',
  ]) {
    await get('GET', `/v1/customer/${path}`);
  }

  const upload = world.asCustomer(customerId, 'manager');
  const renew = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const { text } = await upload('POST', '/v1/customer/renewals', body, headers);
    return text;
  };
  await renew(zipSync({ 'a.lic': Buffer.from(file) }), { 'content-type': 'application/zip' });
  // Delivered again, and refused: to the bound host and to another.
  const second = await renew(file);
  await world.revoke(licenseId);
  await renew(second);
  await renew(second, { 'host-id': aHostId() });
  await world.reinstate(licenseId);
  // Its own record and its own commit, found again.
  for (const action of ['PutItem', 'UpdateItem']) {
    world.proxy.intervene(callsOf('customer-renewals', action), replyLost);
    await renew(second);
    await world.advance(11 * 60_000);
  }
  // A starter: the list of the installation is brought in step.
  const starter = await world.issue(customerId);
  await renew(starter.file, { 'host-id': aHostId() });
  // A refusal that rests on the installation, which is read strongly for it.
  await world.order(customerId, 'c-1', { revision: 2, status: 'suspended' });
  await renew(second);
}
