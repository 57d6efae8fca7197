import type { Duration } from 'aws-cdk-lib';
import {
  Effect,
  PolicyStatement,
  Role,
  ServicePrincipal,
  type PolicyStatementProps,
} from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  type Alias,
  type AliasOptions,
} from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StageConfig } from '../config.ts';
import type { DeadLetters } from './dead-letters.ts';
import { removalPolicyOf } from './removal.ts';

/** How a function is started that nobody waits for: by a schedule or an event. */
export interface EventHandling {
  /** How often Lambda starts it again after a fault. */
  readonly retries: 0 | 1 | 2;
  /** Age at which Lambda starts it no more for an event. */
  readonly maxAge: Duration;
  /** Where events end that it failed on to the last. */
  readonly deadLetters: DeadLetters;
}

/** Of the environment that a function reads, what its construct gives: its own name it gets as all functions do. */
export type Given<Env> = Omit<Env, 'POWERTOOLS_SERVICE_NAME'>;

export interface LicensingFunctionProps {
  /** Configuration of the stage. */
  readonly config: StageConfig;
  /** Folder under `lambdas/` whose `handler.ts` exports `handler`; also the service name in logs and metrics. */
  readonly folder: string;
  /** What it is for, in a sentence for the console. */
  readonly description: string;
  /** Memory in MiB; CPU comes in proportion, 1,769 MiB are one core. */
  readonly memoryMiB: number;
  /** When Lambda ends it; the gateway waits 30 seconds, and Lambda 15 minutes. */
  readonly timeout: Duration;
  /** Executions set aside for it, and the most there can be. @default - none set aside */
  readonly reservedConcurrency?: number | undefined;
  /** What becomes of events. @default - whoever calls it waits for the answer */
  readonly events?: EventHandling;
}

/**
 * A function as all of them are here: Node 24 on arm64, one self-contained ESM bundle, its own log group, a role that may do
 * nothing but log until somebody grants it more, and the alias `live`, which is what everybody calls.
 */
export class LicensingFunction extends Construct {
  /** The version that serves. */
  readonly live: Alias;
  readonly role: Role;
  readonly logGroup: LogGroup;
  private readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, props: LicensingFunctionProps) {
    super(scope, id);
    const { config, folder } = props;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: config.logRetentionDays,
      removalPolicy: removalPolicyOf(config),
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the function ${folder} may do`,
    });
    this.allow({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    });
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(projectRoot, 'lambdas', folder, 'handler.ts'),
      projectRoot,
      depsLockFilePath: join(projectRoot, 'package-lock.json'),
      bundling: BUNDLING,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[config.logLevel],
      // START, END and REPORT of every call would cost as much as all that the functions log themselves.
      systemLogLevelV2: SystemLogLevel.WARN,
      environment: {
        POWERTOOLS_SERVICE_NAME: folder,
        POWERTOOLS_METRICS_NAMESPACE: 'AutomatedLicensing',
        POWERTOOLS_LOG_LEVEL: config.logLevel,
      },
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    this.live = this.function.addAlias('live', {
      description: 'What serves',
      ...(props.events === undefined ? {} : this.handling(props.events)),
    });
  }

  /** Lets the function do something. */
  allow(statement: PolicyStatementProps): void {
    this.role.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, ...statement }));
  }

  /** Gives the function its environment; grants return the part that belongs to them. */
  setEnvironment(environment: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(environment)) this.function.addEnvironment(name, value);
  }

  /** The CDK's own destination would let the function read about the queue, too. */
  private handling({ retries, maxAge, deadLetters: { queue } }: EventHandling): AliasOptions {
    this.allow({ sid: 'SendDeadLetters', actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    return {
      retryAttempts: retries,
      maxEventAge: maxAge,
      onFailure: { bind: () => ({ destination: queue.queueArn }) },
    };
  }
}

/** Folder of the project, whatever folder the app is started in. */
const projectRoot = join(fileURLToPath(import.meta.url), '../../..');

const BUNDLING = {
  format: OutputFormat.ESM,
  // The local run executes the same bundle on Node 20, the oldest version the project supports.
  target: 'node20',
  // ES modules first: packages in CommonJS cannot be shaken and nearly double the bundle.
  mainFields: ['module', 'main'],
  // The SDK that was tested is the SDK that runs, and it loads faster than the runtime's own.
  bundleAwsSDK: true,
  minify: true,
  esbuildArgs: {
    '--alias': [
      `@aws-sdk/credential-provider-node=${join(projectRoot, 'lambdas/adapters/function-credentials.ts')}`,
    ],
  },
  // No source maps: they slow every start, and a stack trace is resolved by building the same commit with them.
  sourceMap: false,
  logLevel: LogLevel.WARNING,
};
