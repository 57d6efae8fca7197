import { Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  type CfnApi,
  type CfnRoute,
  type CfnStage,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Operation } from '../../lambdas/core/api/operation.ts';
import type { StageConfig, StageName } from '../config.ts';
import type { CustomerAuthorizer } from './customer-authorizer.ts';
import type { LicensingFunction } from './licensing-function.ts';
import { removalPolicyOf } from './removal.ts';

export interface LicensingApiProps {
  readonly stage: StageName;
  readonly config: StageConfig;
  /** Lets the customers' people in. */
  readonly customers: CustomerAuthorizer;
}

export interface RouteLimit {
  /** Requests per second. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
}

export interface PublicRoutesProps {
  readonly limit: RouteLimit;
  /** Why anybody may call them. */
  readonly reason: string;
}

/**
 * What is logged of a request: enough to find and count it. No address, host name or user agent, and no path either: those
 * would make the log personal data.
 */
const ACCESS_LOG_FORMAT = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  status: '$context.status',
  errorType: '$context.error.responseType',
  integrationStatus: '$context.integration.status',
  integrationMilliseconds: '$context.integration.latency',
  responseMilliseconds: '$context.responseLatency',
  responseBytes: '$context.responseLength',
};

/** The HTTP API. Routes lead to the alias `live` of a function and have their own limit. */
export class LicensingApi extends Construct {
  readonly accessLogs: LogGroup;
  /** Lets its holders call every route of the vendor and nothing else; to be attached to the role of the ERP. */
  readonly callerPolicy: ManagedPolicy;
  private readonly api: HttpApi;
  private readonly stage: HttpStage;
  private readonly customers: CustomerAuthorizer;
  private readonly calls = new PolicyStatement({ sid: 'CallVendorRoutes', actions: ['execute-api:Invoke'] });
  private readonly integrations = new Map<LicensingFunction, HttpLambdaIntegration>();

  constructor(scope: Construct, id: string, { stage, config, customers }: LicensingApiProps) {
    super(scope, id);
    this.customers = customers;
    this.api = new HttpApi(this, 'Http', {
      apiName: `licensing-${stage}`,
      description: 'Licenses renew here, and the vendor orders here',
      createDefaultStage: false,
      disableExecuteApiEndpoint: false,
    });
    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: config.logRetentionDays,
      removalPolicy: removalPolicyOf(config),
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      // For `$default`, and for a route that somebody adds without a limit of its own.
      throttle: { rateLimit: config.throttles.notFound.rate, burstLimit: config.throttles.notFound.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FORMAT)),
      },
    });
    this.callerPolicy = new ManagedPolicy(this, 'CallerPolicy', {
      description: 'Order, issue and revoke licenses through the licensing API',
      statements: [this.calls],
    });
  }

  /** Address of a path, `https://…/v1/ping`. Depends on the API alone, so functions may carry it in their environment. */
  url(path = ''): string {
    return `${this.api.apiEndpoint}${path}`;
  }

  /** Routes that anybody may call. */
  addPublicRoutes(
    target: LicensingFunction,
    operations: readonly Operation[],
    { limit, reason }: PublicRoutesProps,
  ): void {
    for (const operation of operations) {
      const key = keyOf(operation, 'public');
      const route = this.addRoute(target, key, new HttpNoneAuthorizer());
      this.limit(route, key, limit);
      acknowledgeOpen(route, reason);
    }
  }

  /** Routes for the vendor's own systems: only requests signed by an IAM identity that may invoke them get through. */
  addVendorRoutes(target: LicensingFunction, operations: readonly Operation[], limit: RouteLimit): void {
    for (const operation of operations) {
      const key = keyOf(operation, 'vendor');
      this.limit(this.addRoute(target, key, new HttpIamAuthorizer()), key, limit);
      this.allowCallers(operation);
    }
  }

  /** Routes for the people of a customer: only requests with a token of the stage's issuer get through. */
  addCustomerRoutes(target: LicensingFunction, operations: readonly Operation[], limit: RouteLimit): void {
    target.setEnvironment(this.customers.environment);
    for (const operation of operations) {
      const key = keyOf(operation, 'customer');
      // What is under this path takes tokens, and nothing else does: the rule that readers and checks rely on.
      if (!operation.path.startsWith('/v1/customer/')) throw new Error(`${key.key} is no path of customers`);
      this.limit(this.addRoute(target, key, this.customers.authorizer), key, limit);
    }
  }

  /** What answers where nothing else does, instead of the gateway's bare 404. Its limit is the default of the stage. */
  addFallback(target: LicensingFunction): void {
    const route = this.addRoute(target, HttpRouteKey.DEFAULT, new HttpNoneAuthorizer());
    acknowledgeOpen(route, 'It answers every caller the same: that the path does not exist.');
  }

  /** Lets the holders of the caller policy invoke a route; for IAM a path parameter stands for any text. */
  private allowCallers({ method, path }: Operation): void {
    const stack = Stack.of(this);
    const resourceName = `${this.stage.stageName}/${method}${path.replace(/\{\w+\}/g, '*')}`;
    this.calls.addResources(
      stack.formatArn({ service: 'execute-api', resource: this.api.apiId, resourceName }),
    );
    const api = stack.getLogicalId(this.api.node.defaultChild as CfnApi); // The resource behind an HttpApi.
    Validations.of(this.callerPolicy).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:${stack.region}:<AWS::AccountId>:<${api}>/${resourceName}]`,
      reason:
        'The ids in the path are chosen by the vendor later; method, shape of the path and stage are fixed.',
    });
  }

  private addRoute(
    target: LicensingFunction,
    routeKey: HttpRouteKey,
    authorizer: IHttpRouteAuthorizer,
  ): HttpRoute {
    // The cast: an Alias declares `role` as a possible undefined, which exactOptionalPropertyTypes tells from absent.
    const integration =
      this.integrations.get(target) ?? new HttpLambdaIntegration(target.node.id, target.live as IFunction);
    this.integrations.set(target, integration);
    return new HttpRoute(this, routeKey.key, { httpApi: this.api, routeKey, authorizer, integration });
  }

  private limit(route: HttpRoute, { key }: HttpRouteKey, { rate, burst }: RouteLimit): void {
    const stage = this.stage.node.defaultChild as CfnStage; // The resource behind an HttpStage.
    stage.addPropertyOverride(`RouteSettings.${key.replaceAll('.', '\\.')}`, {
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
    });
    // A stage is refused when it has settings for a route that does not exist yet.
    stage.addResourceDependency(route.node.defaultChild as CfnRoute); // The resource behind an HttpRoute.
  }
}

/** Of an operation for whom its routes are registered; anything else would get the wrong lock. */
function keyOf({ id, audience, method, path }: Operation, expected: Operation['audience']): HttpRouteKey {
  if (audience !== expected) throw new Error(`${id} is not for ${expected} callers`);
  return HttpRouteKey.with(path, HttpMethod[method]);
}

const acknowledgeOpen = (route: HttpRoute, reason: string): void =>
  Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
