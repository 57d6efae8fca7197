import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { loadStages, STAGE_NAMES, type StageConfig } from '../../lib/config.ts';
import { CustomerAuthorizer } from '../../lib/constructs/customer-authorizer.ts';
import { DeadLetters } from '../../lib/constructs/dead-letters.ts';
import { LicenseTables } from '../../lib/constructs/license-tables.ts';
import { LicensingApi } from '../../lib/constructs/licensing-api.ts';
import { LicensingFunction } from '../../lib/constructs/licensing-function.ts';
import { Mail } from '../../lib/constructs/mail.ts';
import { readable, synthesize } from './synthesized.ts';

const configs = loadStages();
const cognito = { ...configs.dev.portal.identity, kind: 'cognito' } as Extract<
  StageConfig['portal']['identity'],
  { kind: 'cognito' }
>;

type Resources = Readonly<Record<string, { Type: string; Properties: Record<string, unknown> }>>;

/** A stack of the sign-in, an API and one function with one route of customers. */
function stackWith(config: StageConfig): {
  readonly resources: Resources;
  readonly signIn: CustomerAuthorizer;
} {
  const app = new App({ postCliContext: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'licensing', { env: { region: config.region } });
  const deadLetters = new DeadLetters(stack, 'DeadLetters');
  const tables = new LicenseTables(stack, 'Tables', { config });
  const mail = new Mail(stack, 'Mail', { config, tables, deadLetters });
  const signIn = new CustomerAuthorizer(stack, 'SignIn', { stage: 'dev', config, mail });
  const api = new LicensingApi(stack, 'Api', { stage: 'dev', config, customers: signIn });
  const ping = new LicensingFunction(stack, 'Ping', {
    config,
    folder: 'ping',
    description: 'Serves customers',
    memoryMiB: 128,
    timeout: Duration.seconds(5),
  });
  signIn.addTriggers(ping);
  const route = { audience: 'customer', tag: 't', summary: 's', answers: {}, problems: [] } as const;
  api.addCustomerRoutes(
    ping,
    [
      { ...route, id: 'look', method: 'GET', path: '/v1/customer/things' },
      { ...route, id: 'forget', method: 'DELETE', path: '/v1/customer/things/{id}' },
    ],
    { rate: 3, burst: 7 },
  );
  const limit = { rate: 1, burst: 1 };
  // The policy of the vendor's callers must name something.
  api.addVendorRoutes(
    ping,
    [{ ...route, audience: 'vendor', id: 'order', method: 'PUT', path: '/v1/orders' }],
    limit,
  );
  const astray = { ...route, id: 'astray', method: 'GET', path: '/v1/customers/x' } as const;
  expect(() => api.addCustomerRoutes(ping, [astray], limit)).toThrow(
    'GET /v1/customers/x is no path of customers',
  );
  const open = { ...astray, audience: 'public', path: '/v1/customer/x' } as const;
  expect(() => api.addCustomerRoutes(ping, [open], limit)).toThrow('astray is not for customer callers');
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Resources };
  return { resources: Resources, signIn };
}

const ofType = (resources: Resources, type: string) =>
  Object.values(resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);

const withIdentity = (identity: StageConfig['portal']['identity'], stage: 'dev' | 'prod' = 'dev') =>
  stackWith({ ...configs[stage], portal: { identity } });

describe('Sign-in by a user pool of our own', () => {
  const { resources, signIn } = withIdentity({ ...cognito, codesFrom: 'mail' }, 'prod');
  const [pool] = ofType(resources, 'AWS::Cognito::UserPool');
  const [client] = ofType(resources, 'AWS::Cognito::UserPoolClient');

  it('is by address and a code that is sent to it, on the plan that has such codes', () => {
    expect(pool).toMatchObject({
      UserPoolTier: 'ESSENTIALS',
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    const { SignInPolicy } = pool!['Policies'] as { SignInPolicy: { AllowedFirstAuthFactors: string[] } };
    expect(SignInPolicy.AllowedFirstAuthFactors).toEqual(['PASSWORD', 'EMAIL_OTP']);
  });

  it('sends codes from the address of the alerts', () => {
    expect(readable(pool!['EmailConfiguration'])).toEqual({
      EmailSendingAccount: 'DEVELOPER',
      From: 'licensing@vendor.example',
      SourceArn: 'arn:<AWS::Partition>:ses:eu-west-1:<AWS::AccountId>:identity/vendor.example',
    });
  });

  it('knows the portal as a client without a secret, whose tokens live for 15 minutes', () => {
    expect(client).toMatchObject({
      GenerateSecret: false,
      ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email'],
      CallbackURLs: cognito.callbackUrls,
      LogoutURLs: cognito.logoutUrls,
      SupportedIdentityProviders: ['COGNITO'],
      AccessTokenValidity: 15,
      IdTokenValidity: 15,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    });
  });

  it('has the newer pages at an address of its own, with a style, without which they do not exist', () => {
    expect(ofType(resources, 'AWS::Cognito::UserPoolDomain')).toMatchObject([
      { Domain: cognito.domainPrefix, ManagedLoginVersion: 2 },
    ]);
    expect(ofType(resources, 'AWS::Cognito::ManagedLoginBranding').map(readable)).toEqual([
      { UserPoolId: '<SignInPool>', ClientId: '<SignInPoolPortal>', UseCognitoProvidedValues: true },
    ]);
    expect(signIn.signInUrl).toContain('.amazoncognito.com');
  });

  it('lets nobody sign up, and asks the function what tokens say, in the version that may change access tokens', () => {
    expect(readable(pool!['LambdaConfig'])).toEqual({
      PreTokenGenerationConfig: { LambdaArn: '<PingFunctionAliaslive>', LambdaVersion: 'V2_0' },
    });
    const allowed = ofType(resources, 'AWS::Lambda::Permission').filter(
      ({ Principal }) => Principal === 'cognito-idp.amazonaws.com',
    );
    expect(allowed.length).toBeGreaterThan(0);
    for (const { SourceArn } of allowed) expect(readable(SourceArn)).toBe('<SignInPool.Arn>');
  });

  it('lets only tokens of the pool for the portal through', () => {
    expect(ofType(resources, 'AWS::ApiGatewayV2::Authorizer').map(readable)).toEqual([
      {
        ApiId: '<ApiHttp>',
        AuthorizerType: 'JWT',
        Name: 'Customers',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: '<SignInPool.ProviderURL>', Audience: ['<SignInPoolPortal>'] },
      },
    ]);
  });

  it('is kept where the stage retains and protects, and goes with the stack elsewhere', () => {
    const kept = Object.values(resources).find(({ Type }) => Type === 'AWS::Cognito::UserPool');
    expect(kept).toMatchObject({ DeletionPolicy: 'Retain', Properties: { DeletionProtection: 'ACTIVE' } });
    const passing = Object.values(withIdentity(cognito).resources).find(
      ({ Type }) => Type === 'AWS::Cognito::UserPool',
    );
    expect(passing).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtection: 'INACTIVE' },
    });
  });

  it('can send codes through Cognito itself, before the domain is verified', () => {
    const [early] = ofType(
      withIdentity({ ...cognito, codesFrom: 'cognito' }).resources,
      'AWS::Cognito::UserPool',
    );
    expect(early?.['EmailConfiguration']).toEqual({ EmailSendingAccount: 'COGNITO_DEFAULT' });
  });
});

describe('Sign-in by another issuer', () => {
  const other = {
    kind: 'issuer',
    issuer: 'https://login.vendor.example/realms/customers',
    audiences: ['licensing-portal', 'licensing-reports'],
    claims: { customer: 'customer', role: 'role' },
  } as const;

  it('takes its tokens for any of the audiences, and makes no user pool', () => {
    const { resources, signIn } = withIdentity(other);
    expect(ofType(resources, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject([
      { JwtConfiguration: { Issuer: other.issuer, Audience: other.audiences } },
    ]);
    expect(Object.values(resources).filter(({ Type }) => Type.startsWith('AWS::Cognito::'))).toEqual([]);
    expect(signIn).toMatchObject({
      issuer: other.issuer,
      clientId: 'licensing-portal',
      signInUrl: undefined,
    });
  });

  it('tells functions names of claims, and only those that are not the usual ones', () => {
    const environmentWith = (claims: { customer: string; role: string }) => {
      const { resources } = withIdentity({ ...other, claims });
      const functions = ofType(resources, 'AWS::Lambda::Function').map(
        ({ Environment }) => (Environment as { Variables: Record<string, string> }).Variables,
      );
      return functions.find((variables) => variables['POWERTOOLS_SERVICE_NAME'] === 'ping')!;
    };
    expect(environmentWith(other.claims)).not.toHaveProperty('CUSTOMER_CLAIM');
    expect(environmentWith(other.claims)).not.toHaveProperty('ROLE_CLAIM');
    expect(environmentWith({ customer: 'https://vendor.example/customer', role: 'lp_role' })).toMatchObject({
      CUSTOMER_CLAIM: 'https://vendor.example/customer',
      ROLE_CLAIM: 'lp_role',
    });
  });
});

describe('Routes of customers', () => {
  const { resources } = withIdentity(cognito);

  it('have the authorizer, their own limit and the methods of their operations', () => {
    const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').map((route) => [
      route['RouteKey'],
      route['AuthorizationType'],
      readable(route['AuthorizerId'] ?? 'none'),
    ]);
    expect(routes).toEqual([
      ['GET /v1/customer/things', 'JWT', '<ApiHttpCustomers>'],
      ['DELETE /v1/customer/things/{id}', 'JWT', '<ApiHttpCustomers>'],
      ['PUT /v1/orders', 'AWS_IAM', 'none'],
    ]);
    const [stage] = ofType(resources, 'AWS::ApiGatewayV2::Stage');
    expect(stage?.['RouteSettings']).toMatchObject({
      'GET /v1/customer/things': { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 7 },
      'DELETE /v1/customer/things/{id}': { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 7 },
    });
  });
});

describe.each(STAGE_NAMES)('In stage %s', (name) => {
  const stack = synthesize({ stages: [name] }).stacks[name];
  const routes = stack.ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => ({
    path: String(Properties['RouteKey']).split(' ')[1] ?? '',
    authorization: Properties['AuthorizationType'],
    authorizer: Properties['AuthorizerId'],
  }));

  it('every route under /v1/customer asks for a token, and no other does', () => {
    expect(routes.length).toBeGreaterThan(15);
    for (const { path, authorization, authorizer } of routes) {
      const isOfCustomers = /^\/v1\/customer(?:\/|$)/.test(path);
      expect([path, authorization === 'JWT']).toEqual([path, isOfCustomers]);
      expect([path, authorizer !== undefined]).toEqual([path, isOfCustomers]);
    }
  });

  it('one issuer is trusted at most', () => {
    expect(stack.ofType('AWS::ApiGatewayV2::Authorizer').length).toBeLessThanOrEqual(1);
  });
});
