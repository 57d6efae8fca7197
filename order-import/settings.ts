import { parseArgs } from 'node:util';
import { LANGUAGES } from '../lambdas/core/alerts/kinds.ts';
import { isDay, isTimeZone } from '../lambdas/core/calendar.ts';
import { ImportFault, printable } from './import-fault.ts';
import type { ImportDefaults } from './read-customers.ts';
import type { ApiSettings } from './vendor-api.ts';

export const HELP = `Imports customers with their contracts from a CSV file.

npm run import -- FILE [options]

  --dry-run           show what would be created or changed, and write nothing
  --url URL           address of the API (http://127.0.0.1:8080, the local run)
  --region REGION     region of the API (the one in its address, or AWS_REGION)
  --rate N            most requests in a second (10)
  --time-zone ZONE    of rows without timeZone (UTC)
  --language LANGUAGE of customers without language: ${LANGUAGES.join(', ')} (en)
  --alerts-from DAY   new customers are not alerted of what was due before (today)

Requests are signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; those to this machine as the local
run has it. The columns are explained in docs/orders.md.

Exit codes: 0 all is done, 1 some customers failed (run it again), 2 nothing was sent, 130 stopped (run it again).
`;

export interface ImportSettings {
  readonly file: string;
  readonly dryRun: boolean;
  readonly api: Omit<ApiSettings, 'stopped'>;
  readonly defaults: ImportDefaults;
}

/**
 * What the program was called with.
 * @throws {ImportFault} for what makes no sense
 */
export function parseSettings(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  today: string,
): ImportSettings | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help === true) return 'help';
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new ImportFault('name one file (--help shows how)');
  const url = urlIn(values.url ?? 'http://127.0.0.1:8080');
  const rate = Number(values.rate ?? 10);
  if (!(rate >= 0.1 && rate <= 1_000)) throw new ImportFault('--rate must be a number from 0.1 to 1000');
  const { 'time-zone': timeZone = 'UTC', language = 'en', 'alerts-from': alertsFrom = today } = values;
  if (!isTimeZone(timeZone))
    throw new ImportFault('--time-zone must be an IANA time zone, such as Europe/Berlin');
  if (!LANGUAGES.some((known) => known === language)) {
    throw new ImportFault(`--language must be one of ${LANGUAGES.join(', ')}`);
  }
  if (!isDay(alertsFrom)) throw new ImportFault('--alerts-from must be a day, such as 2026-12-31');
  return {
    file,
    dryRun: values['dry-run'] === true,
    api: { url: url.href, rate, ...callerOf(url, values.region, environment) },
    defaults: { language, timeZone, alertsFrom },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        'dry-run': { type: 'boolean' },
        url: { type: 'string' },
        region: { type: 'string' },
        rate: { type: 'string' },
        'time-zone': { type: 'string' },
        language: { type: 'string' },
        'alerts-from': { type: 'string' },
      },
    });
  } catch (error) {
    throw new ImportFault(
      `${printable(error instanceof Error ? error.message : '', 200)} (--help shows how)`,
    );
  }
}

function urlIn(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.search !== ''
  ) {
    throw new ImportFault('--url must be an address, such as https://licensing.vendor.example');
  }
  if (url.protocol === 'http:' && !isLocal(url)) {
    throw new ImportFault('--url must begin with https: customers do not travel in the clear');
  }
  return url;
}

const isLocal = ({ hostname }: URL): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

function callerOf(
  url: URL,
  given: string | undefined,
  environment: NodeJS.ProcessEnv,
): Pick<ApiSettings, 'region' | 'credentials'> {
  // The real credentials are never sent to the local run, which knows only these.
  if (isLocal(url)) {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return { region: given ?? 'eu-west-1', credentials };
  }
  const inAddress = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$/.exec(url.hostname)?.[1];
  const region = given ?? inAddress ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (region === undefined) throw new ImportFault('name the region of the API: --region eu-west-1');
  if (!accessKeyId || !secretAccessKey) {
    throw new ImportFault(
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN where there is one',
    );
  }
  return {
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  };
}
