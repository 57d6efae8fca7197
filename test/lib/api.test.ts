import { describe, expect, it } from 'vitest';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { environmentOf, readable, statementsIn, synthesize, targetOf } from './synthesized.ts';

const configs = loadStages();
const { stacks } = synthesize();

/** Every route: its authorization, the function behind it and the limit that applies, by its name in the configuration. */
const ROUTES = [
  ['POST /v1/licenses/renew', 'NONE', 'renew', 'renew'],
  ['GET /.well-known/jwks.json', 'NONE', 'keys', 'keys'],
  ['GET /v1/ping', 'NONE', 'ping', 'ping'],
  ['GET /v1/mute', 'NONE', 'mute', 'mute'],
  ['POST /v1/mute', 'NONE', 'mute', 'mute'],
  ['GET /v1/openapi.json', 'NONE', 'published', 'keys'],
  ['GET /v1/schemas/contract.json', 'NONE', 'published', 'keys'],
  ['GET /v1/terms', 'NONE', 'published', 'keys'],
  ['$default', 'NONE', 'not-found', 'notFound'],
  ['PUT /v1/customers/{customerId}', 'AWS_IAM', 'customers', 'vendor'],
  ['GET /v1/customers/{customerId}', 'AWS_IAM', 'customers', 'vendor'],
  ['GET /v1/customers/{customerId}/contracts', 'AWS_IAM', 'contracts', 'vendor'],
  ['PUT /v1/customers/{customerId}/contracts/{contractId}', 'AWS_IAM', 'contracts', 'vendor'],
  ['GET /v1/customers/{customerId}/contracts/{contractId}', 'AWS_IAM', 'contracts', 'vendor'],
  ['POST /v1/customers/{customerId}/licenses', 'AWS_IAM', 'licenses', 'vendor'],
  ['GET /v1/customers/{customerId}/licenses', 'AWS_IAM', 'licenses', 'vendor'],
  ['GET /v1/licenses/{licenseId}', 'AWS_IAM', 'licenses', 'vendor'],
  ['POST /v1/licenses/{licenseId}/revoke', 'AWS_IAM', 'licenses', 'vendor'],
  ['POST /v1/licenses/{licenseId}/reinstate', 'AWS_IAM', 'licenses', 'vendor'],
  ['POST /v1/licenses/{licenseId}/transfer-allowance', 'AWS_IAM', 'licenses', 'vendor'],
  ['GET /v1/customers/{customerId}/members', 'AWS_IAM', 'customer-account', 'vendor'],
  ['PUT /v1/customers/{customerId}/members/{email}', 'AWS_IAM', 'customer-account', 'vendor'],
  ['DELETE /v1/customers/{customerId}/members/{email}', 'AWS_IAM', 'customer-account', 'vendor'],
  ['POST /v1/customer/hosts', 'JWT', 'customer-hosts', 'customer'],
  ['PUT /v1/customer/licenses/{licenseId}/site', 'JWT', 'customer-hosts', 'customer'],
  ['POST /v1/customer/licenses/{licenseId}/retire', 'JWT', 'customer-hosts', 'customer'],
  ['POST /v1/customer/licenses/{licenseId}/retire/cancel', 'JWT', 'customer-hosts', 'customer'],
  ['POST /v1/customer/licenses/{licenseId}/transfer', 'JWT', 'customer-hosts', 'customer'],
  ['POST /v1/customer/licenses/{licenseId}/transfer/cancel', 'JWT', 'customer-hosts', 'customer'],
  ['GET /v1/customer/licenses/{licenseId}/transfer/starter', 'JWT', 'customer-hosts', 'customer'],
  ['POST /v1/customer/licenses/{licenseId}/repaired', 'JWT', 'customer-hosts', 'customer'],
  ['GET /v1/customer/transfers', 'JWT', 'customer-hosts', 'customer'],
  ['GET /v1/customer/me', 'JWT', 'customer-account', 'customer'],
  ['GET /v1/customer/memberships', 'JWT', 'customer-account', 'customer'],
  ['PUT /v1/customer/memberships', 'JWT', 'customer-account', 'customer'],
  ['GET /v1/customer/members', 'JWT', 'customer-account', 'customer'],
  ['PUT /v1/customer/members/{email}', 'JWT', 'customer-account', 'customer'],
  ['DELETE /v1/customer/members/{email}', 'JWT', 'customer-account', 'customer'],
  ['GET /v1/customer/contacts', 'JWT', 'customer-account', 'customer'],
  ['PUT /v1/customer/contacts', 'JWT', 'customer-account', 'customer'],
  [
    'GET /v1/customer/installations/{product}/{installation}/distribution',
    'JWT',
    'customer-distribution',
    'customer',
  ],
  [
    'PUT /v1/customer/installations/{product}/{installation}/distribution',
    'JWT',
    'customer-distribution',
    'customer',
  ],
  [
    'POST /v1/customer/installations/{product}/{installation}/distribution/preview',
    'JWT',
    'customer-distribution',
    'customer',
  ],
  [
    'POST /v1/customer/installations/{product}/{installation}/what-if',
    'JWT',
    'customer-distribution',
    'customer',
  ],
  ['GET /v1/customer/overview', 'JWT', 'customer-overview', 'customer'],
  ['GET /v1/customer/licenses', 'JWT', 'customer-overview', 'customer'],
  ['GET /v1/customer/licenses.csv', 'JWT', 'customer-overview', 'customer'],
  ['GET /v1/customer/licenses/{licenseId}', 'JWT', 'customer-overview', 'customer'],
  ['GET /v1/customer/licenses/{licenseId}/timeline', 'JWT', 'customer-overview', 'customer'],
  ['GET /v1/customer/installations', 'JWT', 'customer-overview', 'customer'],
  ['GET /v1/customer/installations/{product}/{installation}', 'JWT', 'customer-overview', 'customer'],
  ['POST /v1/customer/renewals', 'JWT', 'customer-renewals', 'customer'],
] as const;

interface Limit {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}

describe.each(STAGE_NAMES)('the API of stage %s', (stage) => {
  const stack = stacks[stage];
  const { Properties: settings, DependsOn: dependencies } = stack.one('AWS::ApiGatewayV2::Stage');
  const routes = stack.ofType('AWS::ApiGatewayV2::Route');

  it('has exactly these routes, with this authorization, to these functions', () => {
    const found = routes.map(({ Properties }) => {
      const integration = stack.resources.find(({ logicalId }) =>
        JSON.stringify(Properties['Target']).includes(`"${logicalId}"`),
      );
      const alias = targetOf(integration?.Properties['IntegrationUri']);
      const target = targetOf(
        stack.resources.find(({ logicalId }) => logicalId === alias)?.Properties['FunctionName'],
      );
      const folder = environmentOf(stack.resources.find(({ logicalId }) => logicalId === target)!)[
        'POWERTOOLS_SERVICE_NAME'
      ];
      return [Properties['RouteKey'], Properties['AuthorizationType'], folder];
    });
    expect(found.sort()).toEqual(
      ROUTES.map(([key, authorization, folder]) => [key, authorization, folder]).sort(),
    );
  });

  it('limits each route as configured, and anything else as what does not exist', () => {
    const perRoute = settings['RouteSettings'] as Record<string, Limit>;
    for (const [key, , , limit] of ROUTES) {
      const { rate, burst } = configs[stage].throttles[limit];
      expect(perRoute[key] ?? settings['DefaultRouteSettings'], key).toEqual({
        ThrottlingRateLimit: rate,
        ThrottlingBurstLimit: burst,
      });
    }
    expect(Object.keys(perRoute).sort()).toEqual(
      ROUTES.map(([key]) => key)
        .filter((key) => key !== '$default')
        .sort(),
    );
  });

  it('makes the stage after every route that it limits: CloudFormation would refuse it otherwise', () => {
    const limited = routes.filter(({ Properties }) => Properties['RouteKey'] !== '$default');
    expect([...(dependencies ?? [])].sort()).toEqual(limited.map(({ logicalId }) => logicalId).sort());
  });

  it('logs requests without address, host name, user agent, caller or path', () => {
    const { Format, DestinationArn } = settings['AccessLogSettings'] as {
      Format: string;
      DestinationArn: unknown;
    };
    expect(JSON.parse(Format)).toEqual({
      requestId: '$context.requestId',
      time: '$context.requestTimeEpoch',
      route: '$context.routeKey',
      status: '$context.status',
      errorType: '$context.error.responseType',
      integrationStatus: '$context.integration.status',
      integrationMilliseconds: '$context.integration.latency',
      responseMilliseconds: '$context.responseLatency',
      responseBytes: '$context.responseLength',
    });
    expect(Format).not.toMatch(/identity|sourceIp|userAgent|authorizer|domain|\.path|header/i);
    expect(stack.ofType('AWS::Logs::LogGroup').map(({ logicalId }) => logicalId)).toContain(
      targetOf(DestinationArn),
    );
  });

  it('serves at its own address, at the root, without CORS', () => {
    expect(settings).toMatchObject({ StageName: '$default', AutoDeploy: true });
    expect(stack.one('AWS::ApiGatewayV2::Api').Properties).toEqual({
      Name: `licensing-${stage}`,
      Description: expect.any(String) as string,
      ProtocolType: 'HTTP',
      DisableExecuteApiEndpoint: false,
    });
  });

  it('lets the holders of the caller policy call the routes of the vendor and nothing else', () => {
    const statements = statementsIn(stack.one('AWS::IAM::ManagedPolicy', 'Api').Properties['PolicyDocument']);
    const vendorRoutes = ROUTES.filter(([, authorization]) => authorization === 'AWS_IAM').map(([key]) => {
      const [method = '', path = ''] = key.split(' ');
      const api = `arn:<AWS::Partition>:execute-api:eu-west-1:<AWS::AccountId>:<ApiHttp>`;
      return `${api}/$default/${method}${path.replaceAll(/\{\w+\}/g, '*')}`;
    });
    expect(readable(statements)).toEqual([
      { Sid: 'CallVendorRoutes', Effect: 'Allow', Action: 'execute-api:Invoke', Resource: vendorRoutes },
    ]);
  });

  it('writes its own renewal address into every file', () => {
    for (const folder of ['renew', 'licenses']) {
      expect(readable(environmentOf(stack.functionOf(folder))['RENEWAL_URL'])).toBe(
        '<ApiHttp.ApiEndpoint>/v1/licenses/renew',
      );
    }
  });
});
