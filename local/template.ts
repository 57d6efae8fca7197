import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { Assembly, Resource } from './assembly.ts';
import { referenceIn, resolve, type Lookup } from './intrinsics.ts';
import { isKeySpec, type KeySpec } from './kms-keys.ts';
import { LocalRunError } from './local-run-error.ts';
import type { Route } from './routes.ts';

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
  readonly spec: KeySpec;
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
  AuthorizationType: z.optional(z.enum(['NONE', 'AWS_IAM'])),
});

/** HTTP API waits at most 30 seconds for a function. */
const INTEGRATION_TIMEOUT_MS = 30_000;

/** Reads what the local run needs from the template, and nothing else. */
export class Template {
  readonly #assembly: Assembly;
  readonly #lookup: Lookup;

  constructor(assembly: Assembly, region: string, made: Made) {
    this.#assembly = assembly;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': '000000000000',
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': `arn:aws:cloudformation:${region}:000000000000:stack/${assembly.stackName}/local`,
      'AWS::StackName': assembly.stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    this.#lookup = (logicalId, attribute) => {
      const resource = assembly.resources.get(logicalId);
      const value = resource === undefined ? pseudo[logicalId] : made(resource, attribute);
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

  static signingKeys(assembly: Assembly): TemplateKey[] {
    return ofType(assembly, 'AWS::KMS::Key').flatMap(({ logicalId, properties }) => {
      if (properties['KeyUsage'] !== 'SIGN_VERIFY') return [];
      const spec = properties['KeySpec'];
      if (isKeySpec(spec)) return [{ logicalId, spec }];
      throw new LocalRunError(`the local run cannot sign with a ${String(spec)} key (${logicalId})`);
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
      let target = this.#follow(integration, 'IntegrationUri');
      if (target.type === 'AWS::Lambda::Alias') target = this.#follow(target, 'FunctionName');
      const timeout = integration.properties['TimeoutInMillis'];
      return {
        routeKey: RouteKey,
        authorization: AuthorizationType ?? 'NONE',
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

  readonly #resolve = (value: unknown): unknown => resolve(value, this.#lookup);

  #follow(from: Resource, property: string): Resource {
    const logicalId = referenceIn(from.properties[property]);
    const target = logicalId === undefined ? undefined : this.#assembly.resources.get(logicalId);
    if (target === undefined)
      throw new LocalRunError(`${property} of ${from.logicalId} leads to no resource`);
    return target;
  }

  #nameOf({ logicalId, properties }: Resource): string {
    const { Variables } = (properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    const name = Variables?.['POWERTOOLS_SERVICE_NAME'];
    return typeof name === 'string' ? name : logicalId;
  }
}

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
