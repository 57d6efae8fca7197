import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { synthesizeStage } from '../../lib/app.ts';
import { sampleFiles, seed } from '../../local/seed.ts';
import { AwsProxy, callsOf } from '../support/aws-proxy.ts';
import { Permissions } from '../support/iam.ts';
import { startService, type TestService } from '../support/service.ts';

/** The stage `dev`, which has a user pool of its own, run on this machine. */
let service: TestService;
let permissions: Permissions;
const proxy = new AwsProxy();
const assembly = mkdtempSync(join(tmpdir(), 'licensing-dev-'));

beforeAll(async () => {
  // Bundling reports every file it makes.
  const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  synthesizeStage('dev', { outdir: assembly });
  quiet.mockRestore();
  service = await startService({ assembly, decorateEndpoints: proxy.decorateEndpoints });
  permissions = new Permissions(assembly, service.functions);
}, 120_000);

afterAll(async () => {
  await service.stop();
  await proxy.close();
  rmSync(assembly, { recursive: true, force: true });
});

/** Whether an address has an account, found by making it once more. */
async function hasAccount(email: string): Promise<boolean> {
  const UserPoolId = service.functions.find(({ name }) => name === 'contracts')?.environment['USER_POOL_ID'];
  const client = new CognitoIdentityProviderClient({
    endpoint: service.endpoints.cognito,
    region: service.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const made = client.send(
    new AdminCreateUserCommand({ UserPoolId, Username: email, MessageAction: 'SUPPRESS' }),
  );
  try {
    await made;
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'UsernameExistsException') return true;
    throw error;
  } finally {
    client.destroy();
  }
}

async function asManager(method: string, path: string, body?: object): Promise<number> {
  const { access_token: token } = await service.token('acme', 'manager', { email: 'ops@acme.example' });
  const response = await fetch(service.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

const invitationsTo = (address: string): number =>
  service.mailbox.newestFirst().filter(({ to }) => to.includes(address)).length;

it('makes the sample customers, whose managers have accounts', async () => {
  const samples = service.folder('sample');
  await seed(service, samples);
  expect((await service.renew(readFileSync(sampleFiles(samples).host))).status).toBe(200);
  expect(await hasAccount('ops@acme.example')).toBe(true);
  expect(await hasAccount('purchasing@globex.example')).toBe(true);
  expect(await hasAccount('nobody@globex.example')).toBe(false);
});

it('gives an account to a member whom a manager invites', async () => {
  expect(await asManager('PUT', '/v1/customer/members/jo@acme.example', { role: 'viewer' })).toBe(201);
  expect(await hasAccount('jo@acme.example')).toBe(true);
  expect(invitationsTo('jo@acme.example')).toBe(1);
});

it('gives one to the manager of a customer whose order came as an event', async () => {
  const contact = { email: 'it@umbra.example', language: 'en', timeZone: 'UTC', roles: ['commercial'] };
  await service.vendor('PUT', '/v1/customers/umbra', { name: 'Umbra', contacts: [contact] });
  const contract = {
    revision: 1,
    product: 'ES',
    kind: 'perpetual',
    status: 'active',
    timeZone: 'UTC',
    startsOn: '2026-01-01',
    hosts: 1,
    lines: [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 1 }],
  };
  const detail = { customerId: 'umbra', contractId: 'c-1', contract };
  const body = JSON.stringify({ detailType: 'ContractChanged', detail });
  const answer = await fetch(`${service.url}/_local/events`, { method: 'POST', body });
  expect(await answer.json()).toMatchObject({ deliveries: [{ functionName: 'order-events', attempts: 1 }] });
  expect(await hasAccount('it@umbra.example')).toBe(true);
  expect(invitationsTo('it@umbra.example')).toBe(1);
});

it('asks of the user pool what the roles permit, and the roles permit nothing else of it', async () => {
  expect(await asManager('DELETE', '/v1/customer/members/jo@acme.example')).toBe(204);
  const asked = proxy.calls.filter((call) => call.service === 'cognito-idp');
  for (const { name } of service.functions) {
    const needed = new Set<string>();
    for (const call of asked.filter(callsOf(name))) {
      const verdicts = await permissions.judge(call);
      expect({ call, allowed: verdicts.map(({ allowed }) => allowed) }).toEqual({ call, allowed: [true] });
      for (const verdict of verdicts) verdict.permissions.forEach((permission) => needed.add(permission));
    }
    const granted = permissions.permissionsOf(name).filter((permission) => / cognito-idp:/.test(permission));
    expect({ name, granted: granted.sort() }).toEqual({ name, granted: [...needed].sort() });
  }
  expect(new Set(asked.map(({ functionName }) => functionName))).toEqual(
    new Set(['contracts', 'customer-account', 'order-events']),
  );
});
