import { existsSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { codeOf, LocalRunError, messageOf } from './local-run-error.ts';
import { parseSettings } from './settings.ts';

const OLDEST_NODE = 20;

const HELP = `Runs the licensing service on this machine, without an AWS account.

  npm start

Environment
  PORT                       port on the loopback interface (8080)
  LOCAL_DATA_DIR             folder that keeps everything (.local)
  LOCAL_ASSEMBLY             folder of an app that is synthesized already (the stage local, synthesized now)
  DYNAMODB_ENGINE            dynalite (embedded) or dynamodb-local (Amazon's own; npm run dynamodb-local installs it)
  DYNAMODB_LOCAL_DIR         folder of DynamoDB Local (.cache/dynamodb-local)
  AWS_ENDPOINT_URL_DYNAMODB  any other DynamoDB engine that runs already
  AWS_ENDPOINT_URL           any other AWS: an emulator, or a sandbox account; only the sign-in is still played here
  AWS_REGION                 region at that endpoint (the one of the stage)
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
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // Imported late: help and faults of the settings need none of it.
  const { startLocalService } = await import('./service.ts');
  const { sampleFiles, seed } = await import('./seed.ts');
  const { watchLaunchers } = await import('./launcher-watch.ts');
  const progress = (what: string) => process.stderr.write(`${what} …\n`);
  const service = await startLocalService({ ...settings, schedulesByThemselves: true, progress });

  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    service.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  watchLaunchers(end);

  const samples = service.folder('sample');
  await seed(service, samples);
  process.stdout.write(`ready ${service.url}\n`);
  const { host, starter } = sampleFiles(samples);
  const renew = (options: string, file: string) =>
    `curl -f ${options}--data-binary @${shortest(file)} ${service.url}/v1/licenses/renew\n`;
  process.stdout.write(`
Renew the sample license:   ${renew('', host)}${existsSync(starter) ? `Bind the starter to a host: ${renew('-H "Host-Id: H-2" ', starter)}` : ''}Ask as a customer's people: TOKEN=$(curl -fs '${service.url}/_local/token?customer=globex&role=manager' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
                            curl -f -H "Authorization: Bearer $TOKEN" ${service.url}/v1/customer/installations
Mailbox, clock, schedules:  ${service.url}/_local/
`);
}

function shortest(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

function fail(error: unknown): void {
  // What the operating system refuses explains itself; faults of the program carry their stack.
  const isPlain = error instanceof LocalRunError || /^E[A-Z]+$/.test(codeOf(error) ?? '');
  const text = error instanceof Error && !isPlain ? (error.stack ?? error.message) : messageOf(error);
  process.stderr.write(`automated-licensing: ${text}\n`);
  process.exit(1);
}

process.on('uncaughtException', fail);
main().catch(fail);
