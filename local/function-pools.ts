import type { ServiceClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import type { AwsCredentials, Endpoints } from './endpoints.ts';
import { FunctionPool } from './function-pool.ts';
import { openLog } from './log-file.ts';
import type { Runtime } from './runtime.ts';
import { ACCOUNT, type TemplateFunction } from './template.ts';

/** Processes of a function that the template gives no reserved concurrency. */
const DEFAULT_CONCURRENCY = 4;

export interface FunctionSurroundings {
  readonly region: string;
  readonly endpoints: Endpoints;
  /** @default - the name of each function as key id, which tells who calls; nobody checks the secret */
  readonly credentials?: AwsCredentials | undefined;
  readonly clock: ServiceClock;
  readonly data: DataFolder;
  readonly runtime: Runtime;
  readonly onLog?: ((functionName: string, line: string) => void) | undefined;
}

/** The processes of all functions, by name. None is started before its first event. */
export function createPools(
  functions: readonly TemplateFunction[],
  surroundings: FunctionSurroundings,
): ReadonlyMap<string, FunctionPool> {
  const { region, clock, data, runtime, onLog } = surroundings;
  return new Map(
    functions.map((template) => {
      const { name, file, handler, timeoutMs, reservedConcurrency } = template;
      const log = openLog(data, name);
      const pool = new FunctionPool(
        {
          name,
          functionArn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}:live`,
          file,
          handler,
          environment: environmentOf(template, surroundings),
          timeoutMs,
          concurrency: reservedConcurrency ?? DEFAULT_CONCURRENCY,
        },
        {
          bootstrap: runtime.functionProcess,
          clockOffsetMs: () => clock.offsetMs,
          onLog(line) {
            log(line);
            onLog?.(name, line);
          },
        },
      );
      return [name, pool];
    }),
  );
}

/** What the template and Lambda give to a function, and where its AWS is. */
function environmentOf(
  { name, environment, memoryMiB }: TemplateFunction,
  { region, endpoints, credentials }: FunctionSurroundings,
): Record<string, string> {
  return {
    ...environment,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? accessKeyOf(name),
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? 'local',
    ...(credentials?.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
    AWS_ENDPOINT_URL_SES: endpoints.ses,
    AWS_ENDPOINT_URL_SCHEDULER: endpoints.scheduler,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoints.cognito,
    // They are deployed on a newer Node than this machine may have.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    TZ: 'UTC',
  };
}

/** `not-found` as `notFound`: DynamoDB Local takes letters and digits only. */
const accessKeyOf = (functionName: string): string =>
  functionName.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
