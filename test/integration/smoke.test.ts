import { afterAll, beforeAll, expect, test } from 'vitest';
import { World, claimsIn } from './world.ts';
let world: World;
beforeAll(async () => { world = await World.open(); });
afterAll(() => world.close());
test('smoke', async () => {
  const { file, licenseId } = await world.licensedHost();
  const { result, calls } = await world.proxy.during(() => world.renew(file));
  console.log(result, calls.map(c => c.functionName+' '+c.action+' '+c.status));
  console.log(claimsIn(result.text), await world.records(licenseId), await world.licenseItem(licenseId));
  console.log(world.service.logs);
  expect(result.status).toBe(200);
});
