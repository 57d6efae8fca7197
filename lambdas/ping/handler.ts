import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';

/**
 * `GET /v1/ping`: a fixed answer for firewall teams, who compare it to the letter to see that no proxy stands between. No
 * dependency, no call: it answers as long as the way to the service is open.
 */
export const handler: APIGatewayProxyHandlerV2 = () =>
  Promise.resolve({
    statusCode: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: 'automated-licensing: ok\n',
  });
