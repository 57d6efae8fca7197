import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { Assembly, Resource } from './assembly.ts';
import { referenceIn, resolve, type Lookup } from './intrinsics.ts';
import { isKeySpec, type KeySpec } from './kms-keys.ts';
import type { EventRule } from './event-rules.ts';
import { LocalRunError } from './local-run-error.ts';
import { nameInAws } from './resource-names.ts';
import type { JwtAuthorizer, Route } from './routes.ts';

/** A function of the template; `environment` is what the template gives it. */
export interface TemplateFunction {
  /** The word of the project for it, such as `not-found`: its service name in the logs. */
  readonly name: string;
  readonly logicalId: string;
  /** Module of the bundle and the name of its handler. */
  readonly file: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMiB: number;
  readonly reservedConcurrency: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

export interface TemplateKey {
  readonly logicalId: string;
  readonly spec: KeySpec | 'HMAC_256';
}

/** A schedule that is there from the first day. */
export interface TemplateSchedule {
  /** The word of the function that it starts. */
  readonly name: string;
  readonly functionName: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly isEnabled: boolean;
  /** JSON of the event. @default - what EventBridge Scheduler sends */
  readonly input: string | undefined;
}

/** Where a configuration set of SES reports what became of e-mails: to the event bus. */
export interface MailEventDestination {
  readonly configurationSet: string;
  /** `BOUNCE`, `COMPLAINT` and others. */
  readonly eventTypes: readonly string[];
}

/** What was made for the resources of the template; undefined: this resource is not made on one machine. */
export type Made = (resource: Resource, attribute: string | undefined) => string | undefined;

const attributes = z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }));
const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const tableSchema = z.object({
  TableName: z.optional(z.string()),
  AttributeDefinitions: attributes,
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.optional(
    z.array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.optional(z.array(z.string())),
        }),
      }),
    ),
  ),
});
const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Timeout: z.optional(z.number()),
  MemorySize: z.optional(z.number()),
  ReservedConcurrentExecutions: z.optional(z.number()),
  Environment: z.optional(z.object({ Variables: z.record(z.string(), z.coerce.string()) })),
});
const routeSchema = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.optional(z.enum(['NONE', 'AWS_IAM', 'JWT'])),
});
const authorizerSchema = z.object({
  AuthorizerType: z.literal('JWT'),
  // Another place for the token would not be looked at here.
  IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()).check(z.minLength(1)) }),
});

/** The bus that every account has. */
export const DEFAULT_BUS = 'default';

const scheduleSchema = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z._default(z.string(), 'UTC'),
  State: z.optional(z.string()),
});
const ruleSchema = z.object({
  EventBusName: z._default(z.string(), DEFAULT_BUS),
  EventPattern: z.optional(z.record(z.string(), z.unknown())),
  State: z.optional(z.string()),
});
const retriesSchema = z.object({ MaximumRetryAttempts: z.optional(z.number()) });
const destinationSchema = z.object({
  ConfigurationSetName: z.string(),
  EventDestination: z.object({
    Enabled: z._default(z.boolean(), false),
    EventBridgeDestination: z.optional(z.unknown()),
    MatchingEventTypes: z.array(z.string()),
  }),
});

/** Account number in ARNs of what is made on one machine. */
export const ACCOUNT = '000000000000';

/** How often Lambda starts a function again that failed on an event. */
export const DEFAULT_RETRIES = 2;

/** HTTP API waits at most 30 seconds for a function. */
const INTEGRATION_TIMEOUT_MS = 30_000;

/** Reads what the local run needs from the template, and nothing else. */
export class Template {
  readonly #assembly: Assembly;
  readonly #lookup: Lookup;

  constructor(assembly: Assembly, region: string, made: Made) {
    this.#assembly = assembly;
    const naming = {
      region,
      account: ACCOUNT,
      stackName: assembly.stackName,
      functionNameOf: (resource: Resource) => this.#nameOf(this.#functionOf(resource)),
      resolve: this.#resolve,
    };
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': ACCOUNT,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${assembly.stackName}/local`,
      'AWS::StackName': assembly.stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    this.#lookup = (logicalId, attribute) => {
      const resource = assembly.resources.get(logicalId);
      const value =
        resource === undefined
          ? pseudo[logicalId]
          : (made(resource, attribute) ?? nameInAws(resource, attribute, naming));
      if (value !== undefined) return value;
      const reference = attribute === undefined ? logicalId : `${logicalId}.${attribute}`;
      throw new LocalRunError(`the template refers to ${reference}, which the local run does not make`);
    };
  }

  /** Tables as `CreateTable` takes them; `TableName` is set where the template names the table. */
  static tables(
    assembly: Assembly,
  ): Map<string, Omit<CreateTableCommandInput, 'TableName'> & { TableName?: string }> {
    const tables = ofType(assembly, 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table');
    return new Map(
      tables.map((table) => {
        const properties = read(table, tableSchema, (value) => value);
        const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, TableName } = properties;
        const input = { AttributeDefinitions, KeySchema, BillingMode: 'PAY_PER_REQUEST' as const };
        return [
          table.logicalId,
          {
            ...input,
            ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
            ...(TableName && { TableName }),
          },
        ];
      }),
    );
  }

  /** Keys that functions sign and compute MACs with. */
  static keys(assembly: Assembly): TemplateKey[] {
    return ofType(assembly, 'AWS::KMS::Key').flatMap(({ logicalId, properties }): TemplateKey[] => {
      const spec = properties['KeySpec'];
      switch (properties['KeyUsage']) {
        case 'SIGN_VERIFY':
          if (isKeySpec(spec)) return [{ logicalId, spec }];
          throw new LocalRunError(`the local run cannot sign with a ${String(spec)} key (${logicalId})`);
        case 'GENERATE_VERIFY_MAC':
          if (spec === 'HMAC_256') return [{ logicalId, spec }];
          throw new LocalRunError(`the local run knows no ${String(spec)} key (${logicalId})`);
        default:
          return [];
      }
    });
  }

  /** Names of aliases, such as `alias/signing`, and the logical ids of their keys. */
  static keyAliases(assembly: Assembly): Map<string, string> {
    const aliases = ofType(assembly, 'AWS::KMS::Alias');
    return new Map(
      aliases.map(({ properties }) => [
        String(properties['AliasName']),
        referenceIn(properties['TargetKeyId']) ?? String(properties['TargetKeyId']),
      ]),
    );
  }

  /** Routes of the HTTP API, each followed through its integration and the alias to its function. */
  get routes(): Route[] {
    return ofType(this.#assembly, 'AWS::ApiGatewayV2::Route').map((resource) => {
      const { RouteKey, AuthorizationType } = read(resource, routeSchema, this.#resolve);
      const integration = this.#follow(resource, 'Target');
      const target = this.#functionOf(this.#follow(integration, 'IntegrationUri'));
      const timeout = integration.properties['TimeoutInMillis'];
      return {
        routeKey: RouteKey,
        authorization:
          AuthorizationType === 'JWT'
            ? this.#jwtAuthorizer(this.#follow(resource, 'AuthorizerId'))
            : (AuthorizationType ?? 'NONE'),
        functionName: this.#nameOf(target),
        timeoutMs: typeof timeout === 'number' ? timeout : INTEGRATION_TIMEOUT_MS,
      };
    });
  }

  /** Functions that carry a bundle; the CDK's own helpers with code in the template are left out. */
  get functions(): TemplateFunction[] {
    return ofType(this.#assembly, 'AWS::Lambda::Function')
      .filter(({ properties }) => !('ZipFile' in (properties['Code'] as object)))
      .map((resource) => {
        const properties = read(resource, functionSchema, this.#resolve);
        const [module = '', handler = ''] = properties.Handler.split('.');
        return {
          name: this.#nameOf(resource),
          logicalId: resource.logicalId,
          file: moduleFile(this.#assembly.assetFolder(properties.Code.S3Key), module),
          handler,
          timeoutMs: (properties.Timeout ?? 3) * 1000,
          memoryMiB: properties.MemorySize ?? 128,
          reservedConcurrency: properties.ReservedConcurrentExecutions,
          environment: properties.Environment?.Variables ?? {},
        };
      });
  }

  /** Schedules of the template that start functions; a second one of a function is named with its logical id. */
  get schedules(): TemplateSchedule[] {
    const names = new Set<string>();
    return ofType(this.#assembly, 'AWS::Scheduler::Schedule').flatMap((resource) => {
      const { Arn, Input } = membersOf(resource.properties['Target']);
      const target = this.#functionIn(Arn);
      if (target === undefined) return [];
      const properties = read(resource, scheduleSchema, this.#resolve);
      const functionName = this.#nameOf(target);
      const name = names.has(functionName) ? `${functionName}.${resource.logicalId}` : functionName;
      names.add(name);
      const input = this.#resolve(Input);
      return {
        name,
        functionName,
        expression: properties.ScheduleExpression,
        timeZone: properties.ScheduleExpressionTimezone,
        isEnabled: properties.State !== 'DISABLED',
        input: typeof input === 'string' ? input : undefined,
      };
    });
  }

  /** How often a function is started again that failed on an event, by its name; Lambda's own default is 2. */
  get retriesOfEvents(): ReadonlyMap<string, number> {
    return new Map(
      ofType(this.#assembly, 'AWS::Lambda::EventInvokeConfig').flatMap((resource) => {
        const { MaximumRetryAttempts = DEFAULT_RETRIES } = read(resource, retriesSchema, this.#resolve);
        const target = this.#functionIn(resource.properties['FunctionName']);
        return target === undefined ? [] : [[this.#nameOf(target), MaximumRetryAttempts]];
      }),
    );
  }

  /** Rules of the event buses that start functions. */
  get eventRules(): EventRule[] {
    return ofType(this.#assembly, 'AWS::Events::Rule').flatMap((resource) => {
      const { EventPattern, State, EventBusName: bus } = read(resource, ruleSchema, this.#resolve);
      const targets = resource.properties['Targets'];
      if (EventPattern === undefined || State === 'DISABLED' || !Array.isArray(targets)) return [];
      const functions = targets.flatMap((target) => this.#functionIn(membersOf(target)['Arn']) ?? []);
      return { bus, pattern: EventPattern, functionNames: functions.map((target) => this.#nameOf(target)) };
    });
  }

  get mailEventDestinations(): MailEventDestination[] {
    return ofType(this.#assembly, 'AWS::SES::ConfigurationSetEventDestination').flatMap((resource) => {
      const { ConfigurationSetName, EventDestination } = read(resource, destinationSchema, this.#resolve);
      const { Enabled, EventBridgeDestination, MatchingEventTypes } = EventDestination;
      if (!Enabled || EventBridgeDestination === undefined) return [];
      const eventTypes = MatchingEventTypes.map((type) => type.toUpperCase());
      return { configurationSet: ConfigurationSetName, eventTypes };
    });
  }

  /** What each resource of a type is called. */
  namesOf(type: string): string[] {
    return ofType(this.#assembly, type).map(({ logicalId }) => this.#lookup(logicalId, undefined));
  }

  /** Whose tokens the API takes; undefined where no route asks for one. */
  get jwtAuthorizer(): JwtAuthorizer | undefined {
    const authorizers = ofType(this.#assembly, 'AWS::ApiGatewayV2::Authorizer');
    const [authorizer] = authorizers;
    if (authorizers.length > 1) throw new LocalRunError('the local run plays one issuer of tokens, not more');
    return authorizer && this.#jwtAuthorizer(authorizer);
  }

  #jwtAuthorizer(resource: Resource): JwtAuthorizer {
    const { Issuer, Audience } = read(resource, authorizerSchema, this.#resolve).JwtConfiguration;
    return { issuer: Issuer, audiences: Audience };
  }

  readonly #resolve = (value: unknown): unknown => resolve(value, this.#lookup);

  #follow(from: Resource, property: string): Resource {
    const logicalId = referenceIn(from.properties[property]);
    const target = logicalId === undefined ? undefined : this.#assembly.resources.get(logicalId);
    if (target === undefined)
      throw new LocalRunError(`${property} of ${from.logicalId} leads to no resource`);
    return target;
  }

  /** The function that a value of the template leads to; undefined where it leads to something else. */
  #functionIn(value: unknown): Resource | undefined {
    const resource = this.#assembly.resources.get(referenceIn(value) ?? '');
    return resource?.type.startsWith('AWS::Lambda::') ? this.#functionOf(resource) : undefined;
  }

  /** Follows an alias or a version. */
  #functionOf(resource: Resource): Resource {
    return resource.type === 'AWS::Lambda::Function' ? resource : this.#follow(resource, 'FunctionName');
  }

  #nameOf({ logicalId, properties }: Resource): string {
    const { Variables } = (properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    const name = Variables?.['POWERTOOLS_SERVICE_NAME'];
    return typeof name === 'string' ? name : logicalId;
  }
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const ofType = (assembly: Assembly, ...types: string[]): Resource[] =>
  [...assembly.resources.values()].filter(({ type }) => types.includes(type));

/** The properties that the schema names; the others may use functions that are not known here. */
function read<Shape extends z.core.$ZodShape>(
  { logicalId, type, properties }: Resource,
  schema: z.ZodMiniObject<Shape>,
  resolveValue: (value: unknown) => unknown,
): z.output<z.ZodMiniObject<Shape>> {
  const names = Object.keys(schema.def.shape).filter((name) => name in properties);
  const parsed = schema.safeParse(
    Object.fromEntries(names.map((name) => [name, resolveValue(properties[name])])),
  );
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new LocalRunError(`the local run does not understand ${type} ${logicalId}: ${faults}`);
}

/** Node's order for a handler's module, as Lambda looks for it. */
function moduleFile(folder: string, module: string): string {
  const file = ['.js', '.mjs', '.cjs']
    .map((ending) => join(folder, module + ending))
    .find((path) => existsSync(path));
  if (file === undefined) throw new LocalRunError(`${folder} holds no bundle ${module}: synthesize again`);
  return file;
}
