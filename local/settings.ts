import { LocalRunError } from './local-run-error.ts';
import type { LocalServiceOptions } from './service.ts';

/** Reads the settings of the local run from the environment. */
export function parseSettings(environment: NodeJS.ProcessEnv): LocalServiceOptions {
  const port = environment['PORT'] ?? '8080';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new LocalRunError(`PORT must be a port number, not ${JSON.stringify(port)}`);
  }
  const engine = environment['DYNAMODB_ENGINE'] ?? 'dynalite';
  if (engine !== 'dynalite' && engine !== 'dynamodb-local') {
    throw new LocalRunError(
      `DYNAMODB_ENGINE must be dynalite or dynamodb-local, not ${JSON.stringify(engine)}`,
    );
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  const endpointUrl = urlIn(environment, 'AWS_ENDPOINT_URL');
  const dynamodbUrl = urlIn(environment, 'AWS_ENDPOINT_URL_DYNAMODB');
  return {
    port: Number(port),
    dataDir: environment['LOCAL_DATA_DIR'] || '.local',
    engine,
    ...(environment['LOCAL_ASSEMBLY'] ? { assembly: environment['LOCAL_ASSEMBLY'] } : {}),
    ...(environment['DYNAMODB_LOCAL_DIR'] ? { dynamodbLocalDir: environment['DYNAMODB_LOCAL_DIR'] } : {}),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(dynamodbUrl === undefined ? {} : { dynamodbUrl }),
    ...(endpointUrl !== undefined && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? {
          credentials: {
            accessKeyId: AWS_ACCESS_KEY_ID,
            secretAccessKey: AWS_SECRET_ACCESS_KEY,
            ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
          },
        }
      : {}),
    ...(environment['AWS_REGION'] ? { region: environment['AWS_REGION'] } : {}),
  };
}

function urlIn(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const url = environment[name];
  if (!url) return undefined;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new LocalRunError(`${name} must be an http or https URL, not ${JSON.stringify(url)}`);
  }
  return url.replace(/\/$/, '');
}
