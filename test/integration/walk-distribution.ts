import { aHostId, type World } from './world.ts';

/** Every call of the function that shows and declares distributions. */
export async function walkDistribution(world: World): Promise<void> {
  const { customerId, licenseId } = await world.licensedHost();
  await world.issue(customerId, { id: aHostId() });
  const member = world.asCustomer(customerId, 'manager');
  const path = '/v1/customer/installations/ES/main';
  const { body } = await member('GET', `${path}/distribution`);
  const { version } = body as { version: number };
  const declaration = { version, options: { 'render-engine': { [licenseId]: 5 } } };
  await member('POST', `${path}/distribution/preview`, declaration);
  await member('PUT', `${path}/distribution`, declaration);
  await member('POST', `${path}/what-if`, { retire: [licenseId] });
  await member('GET', '/v1/customer/installations/ES/other/distribution');
}
