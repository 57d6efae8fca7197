import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServiceClient } from '../../../agent/src/net/client.ts';
import { startService, type TestService } from '../../support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

it('the service answers as the client expects it', async () => {
  const client = createServiceClient({ env: {} });
  const url = `${service.url}/v1/licenses/renew`;
  expect(await client.ping(url)).toMatchObject({ kind: 'ok' });
  const codes = await Promise.all(
    ['', 'x', `${'a'.repeat(40)}.b.c`, 'a'.repeat(17_000)].map(async (text) => {
      const answer = await client.renew(url, text, { id: 'h', name: 'one' });
      return answer.kind === 'refused' ? answer.code : answer;
    }),
  );
  expect(codes).toEqual(['body-empty', 'file-malformed', 'file-malformed', 'body-too-large']);
  expect(await client.renew(`${service.url}/v1/elsewhere`, 'a.b.c', {})).toMatchObject({
    kind: 'unreachable',
    obstacle: 'http',
    status: 404,
  });
});
