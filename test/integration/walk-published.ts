import type { World } from './world.ts';

/** Reads what the service says about itself. The function calls nothing of AWS. */
export async function walkPublished(world: World): Promise<void> {
  for (const path of ['/v1/openapi.json', '/v1/schemas/contract.json', '/v1/terms']) {
    await world.send('GET', path, '');
  }
}
