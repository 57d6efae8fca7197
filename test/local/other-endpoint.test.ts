import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readAssembly } from '../../local/assembly.ts';
import { sampleFiles, seed } from '../../local/seed.ts';
import { startLocalService, type LocalService } from '../../local/service.ts';
import { Template } from '../../local/template.ts';
import { startFixture, type FixtureService } from './fixture-service.ts';
import { startOtherAws, type OtherAws } from './other-aws.ts';

let elsewhere: FixtureService;
let aws: OtherAws;
let dataDir: string;
beforeAll(async () => {
  elsewhere = await startFixture();
  aws = await startOtherAws(elsewhere.endpoints.dynamodb, elsewhere.folder('other-keys'));
  dataDir = mkdtempSync(join(tmpdir(), 'licensing-other-'));
});
afterAll(async () => {
  await aws.stop();
  await elsewhere.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = (): Promise<LocalService> =>
  startLocalService({ port: 0, dataDir, assembly: inject('assembly'), endpointUrl: aws.url });

const renew = (service: LocalService, file: string): Promise<Response> =>
  fetch(`${service.url}/v1/licenses/renew`, { method: 'POST', body: file });

it('another AWS keeps tables and key: both are made there once and found again', async () => {
  const service = await start();
  const samples = service.folder('sample');
  await seed(service, samples);
  const file = readFileSync(sampleFiles(samples).host, 'utf8');
  expect((await renew(service, file)).status).toBe(200);
  await service.stop();

  const again = await start();
  await seed(again, samples);
  expect(readFileSync(sampleFiles(samples).host, 'utf8')).toBe(file);
  expect((await renew(again, file)).status).toBe(200);
  await again.stop();

  const assembly = readAssembly(inject('assembly'));
  const times = (action: string): number => aws.actions.filter((asked) => asked === action).length;
  expect(times('CreateKey')).toBe(Template.keys(assembly).length);
  expect(times('CreateTable')).toBe(Template.tables(assembly).size);
  expect(readdirSync(dataDir)).not.toContain('keys');
  expect(readdirSync(dataDir)).not.toContain('dynalite');
});

it('another AWS gets what e-mail and schedules need there, and no accounts: the sign-in is played here', async () => {
  const service = await startFixture({ endpointUrl: aws.url });
  const { cognito, ...others } = service.endpoints;
  expect(new Set(Object.values(others))).toEqual(new Set([aws.url]));
  expect(cognito).not.toBe(aws.url);
  await service.stop();

  expect(aws.actions).toEqual(
    expect.arrayContaining(['VerifyDomainIdentity', 'CreateConfigurationSet', 'CreateScheduleGroup']),
  );
});

it('the clock of another AWS cannot be moved', async () => {
  const service = await start();
  const answer = await fetch(`${service.url}/_local/clock`, { method: 'POST', body: '{"advance": "1d"}' });

  expect(answer.status).toBe(409);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const { now } = (await (await fetch(`${service.url}/_local/clock`)).json()) as { now: string };
  expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(60_000);
  expect(await (await fetch(`${service.url}/_local/`)).text()).toContain('keeps its own time');
  await service.stop();
});
