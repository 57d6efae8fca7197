import { relative } from 'node:path';
import { LocalRunError } from './local-run-error.ts';
import { parseSettings } from './settings.ts';

const OLDEST_NODE = 20;

const HELP = `Runs the licensing service on this machine, without an AWS account.

  npm start

Environment
  PORT                       port on the loopback interface (8080)
  LOCAL_DATA_DIR             folder that keeps everything (.local)
  DYNAMODB_ENGINE            dynalite (embedded) or dynamodb-local (Amazon's own; npm run dynamodb-local installs it)
  DYNAMODB_LOCAL_DIR         folder of DynamoDB Local (.cache/dynamodb-local)
  AWS_ENDPOINT_URL_DYNAMODB  any other DynamoDB engine that runs already
  AWS_ENDPOINT_URL           any other AWS: an emulator, or a sandbox account; no stand-in is started
  AWS_REGION                 region of the service (eu-west-1)
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new LocalRunError(`Node ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}`);
  }
  const settings = parseSettings(process.env);
  // Imported late: help and faults of the settings need none of it.
  const { startLocalService } = await import('./service.ts');
  const { sampleFiles, seed } = await import('./seed.ts');
  const progress = (what: string) => process.stderr.write(`${what} …\n`);
  const service = await startLocalService({ ...settings, progress });

  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    service.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);

  const { host, starter } = sampleFiles(service.folder('sample'));
  await seed(service, service.folder('sample'));
  const renew = (options: string, file: string) =>
    `curl -f${options} --data-binary @${relative(process.cwd(), file)} ${service.url}/v1/licenses/renew`;
  process.stdout.write(`ready ${service.url}\n`);
  process.stderr.write(`
Renew the sample license:   ${renew('', host)}
Bind the starter to a host: ${renew(' -H "Host-Id: H-2"', starter)}
Mailbox and clock:          ${service.url}/_local/
`);
}

main().catch((error: unknown) => {
  const text = error instanceof LocalRunError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`automated-licensing: ${text ?? 'failed'}\n`);
  process.exit(1);
});
