import { createApp } from '../../lib/app.ts';
import { loadStages } from '../../lib/config.ts';
import { readAssembly } from '../../local/assembly.ts';
import type { KeySpec } from './costs.ts';

/** Synthesizes the stage `local` with a signing key of this kind and answers the folder. */
export function synthesize(outdir: string, signingKeySpec: KeySpec): string {
  const configs = loadStages();
  const write = process.stderr.write.bind(process.stderr);
  // Bundling reports every file it makes.
  process.stderr.write = () => true;
  try {
    const app = createApp({
      stages: ['local'],
      configs: { ...configs, local: { ...configs.local, signingKeySpec } },
      outdir,
      bundling: true,
      validation: false,
    });
    return app.synth().directory;
  } finally {
    process.stderr.write = write;
  }
}

/** What the variables of the access log hold for a renewal; the others are empty and logged as `-`. */
const TYPICAL: Readonly<Record<string, string>> = {
  requestId: 'NQ3pYhkLDoEEPvQ=',
  requestTimeEpoch: '1795000000000',
  routeKey: 'POST /v1/licenses/renew',
  status: '200',
  'integration.status': '200',
  'integration.latency': '85',
  responseLatency: '87',
  responseLength: '1830',
};

/** Bytes of one line of the gateway's access log. */
export function accessLogBytes(assembly: string): number {
  const stages = [...readAssembly(assembly).resources.values()].filter(
    ({ type }) => type === 'AWS::ApiGatewayV2::Stage',
  );
  const settings = (stages[0]?.properties['AccessLogSettings'] ?? {}) as { Format?: unknown };
  const format = typeof settings.Format === 'string' ? settings.Format : '';
  const line = format.replace(/\$context\.([\w.]+)/g, (_, name: string) => TYPICAL[name] ?? '-');
  return Buffer.byteLength(line);
}
