import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  type CfnRoute,
  type CfnStage,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StageConfig, StageName } from '../config.ts';
import type { LicensingFunction } from './licensing-function.ts';

export interface LicensingApiProps {
  readonly stage: StageName;
  readonly config: StageConfig;
}

export interface RouteLimit {
  /** Requests per second. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
}

/** A route, `PUT /v1/customers/{customerId}`. */
export interface RouteName {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
}

export interface PublicRouteProps extends RouteName {
  readonly limit: RouteLimit;
  /** Why anybody may call it. */
  readonly reason: string;
}

export interface VendorRouteProps extends RouteName {
  readonly limit: RouteLimit;
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
  private readonly api: HttpApi;
  private readonly stage: HttpStage;
  private readonly integrations = new Map<LicensingFunction, HttpLambdaIntegration>();

  constructor(scope: Construct, id: string, { stage, config }: LicensingApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', {
      apiName: `licensing-${stage}`,
      description: 'Licenses renew here, and the vendor orders here',
      createDefaultStage: false,
      disableExecuteApiEndpoint: false,
    });
    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: config.logRetentionDays,
      removalPolicy: config.removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      // For `$default`, and for a route that somebody adds without a limit of its own.
      throttle: { rateLimit: config.throttles.notFound.rate, burstLimit: config.throttles.notFound.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FORMAT)),
      },
    });
  }

  /** Address of a path, `https://…/v1/ping`. Depends on the API alone, so functions may carry it in their environment. */
  url(path = ''): string {
    return `${this.api.apiEndpoint}${path}`;
  }

  /** A route that anybody may call. */
  addPublicRoute(target: LicensingFunction, { limit, reason, ...name }: PublicRouteProps): void {
    const route = this.addRoute(target, keyOf(name), new HttpNoneAuthorizer());
    this.limit(route, keyOf(name), limit);
    acknowledgeOpen(route, reason);
  }

  /** A route for the vendor's own systems: only requests signed by an IAM identity that may invoke it get through. */
  addVendorRoute(target: LicensingFunction, { limit, ...name }: VendorRouteProps): void {
    const route = this.addRoute(target, keyOf(name), new HttpIamAuthorizer());
    this.limit(route, keyOf(name), limit);
  }

  /** What answers where nothing else does, instead of the gateway's bare 404. Its limit is the default of the stage. */
  addFallback(target: LicensingFunction): void {
    const route = this.addRoute(target, HttpRouteKey.DEFAULT, new HttpNoneAuthorizer());
    acknowledgeOpen(route, 'It answers every caller the same: that the path does not exist.');
  }

  /** ARN under which IAM knows a route; a path parameter stands for any text. */
  arnOf({ method, path }: RouteName): string {
    return Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      resourceName: `${this.stage.stageName}/${method}${path.replace(/\{\w+\}/g, '*')}`,
    });
  }

  private addRoute(
    target: LicensingFunction,
    routeKey: HttpRouteKey,
    authorizer: IHttpRouteAuthorizer,
  ): HttpRoute {
    const integration =
      this.integrations.get(target) ?? new HttpLambdaIntegration(target.node.id, target.live);
    this.integrations.set(target, integration);
    return new HttpRoute(this, routeKey.key, { httpApi: this.api, routeKey, authorizer, integration });
  }

  private limit(route: HttpRoute, { key }: HttpRouteKey, { rate, burst }: RouteLimit): void {
    const stage = this.stage.node.defaultChild as CfnStage; // The resource behind an HttpStage.
    stage.addPropertyOverride(`RouteSettings.${key.replaceAll('.', '\\.')}`, {
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
      DetailedMetricsEnabled: true,
    });
    // A stage is refused when it has settings for a route that does not exist yet.
    stage.addDependency(route.node.defaultChild as CfnRoute); // The resource behind an HttpRoute.
  }
}

const keyOf = ({ method, path }: RouteName): HttpRouteKey => HttpRouteKey.with(path, HttpMethod[method]);

const acknowledgeOpen = (route: HttpRoute, reason: string): void =>
  Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
