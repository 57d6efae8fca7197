import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toItem } from '../../lambdas/adapters/dynamodb/client.ts';
import { DynamoDBCustomerStore } from '../../lambdas/adapters/dynamodb/customer-store.ts';
import { DynamoDBRecipients } from '../../lambdas/adapters/dynamodb/recipient-store.ts';
import { recordToItem } from '../../lambdas/adapters/dynamodb/record-items.ts';
import { DynamoDBReportStore } from '../../lambdas/adapters/dynamodb/report-store.ts';
import { DynamoDBSentReports } from '../../lambdas/adapters/dynamodb/sent-reports.ts';
import { listen } from '../../local/http.ts';
import { someClaims } from '../builders/genuine-file.ts';
import { NOW } from '../builders/instants.ts';

const KEYS = {
  customers: ['customerId'],
  recipients: ['address'],
  episodes: ['customerId', 'episode'],
  renewals: ['licenseId', 'record'],
} as const;

const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;

beforeAll(async () => {
  const endpoint = await listen(server, 0);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  for (const [table, names] of Object.entries(KEYS)) {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
        KeySchema: names.map((name, index) => ({
          AttributeName: name,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
      }),
    );
  }
});

afterAll(() => {
  client.destroy();
  server.close();
});

describe('Reports that were sent', () => {
  const store = () => new DynamoDBSentReports(client, 'episodes');
  const claimOf = (address: string, dueOn = '2026-11-23') => ({ customerId: 'acme', address, dueOn });

  it('are reserved by one at a time, until that is over', async () => {
    const claim = claimOf('a@acme.example');
    const outcomes = await Promise.all([1, 2, 3].map(() => store().take(claim, NOW, NOW + 60)));
    expect(outcomes.sort()).toEqual(['busy', 'busy', 'taken']);
    expect(await store().take(claim, NOW + 60, NOW + 120)).toBe('taken');
    await store().release(claim);
    expect(await store().take(claim, NOW + 61, NOW + 121)).toBe('taken');
  });

  it('are sent once per period, and an older one no more', async () => {
    const claim = claimOf('b@acme.example');
    await store().take(claim, NOW, NOW + 60);
    await store().finish(claim);
    expect(await store().take(claim, NOW + 1, NOW + 61)).toBe('sent');
    expect(await store().take(claimOf('b@acme.example', '2026-11-16'), NOW + 1, NOW + 61)).toBe('sent');
    expect(await store().take(claimOf('b@acme.example', '2026-11-30'), NOW + 1, NOW + 61)).toBe('taken');
  });
});

describe('What a report reads of the records', () => {
  const store = () =>
    new DynamoDBReportStore(client, { installations: 'none', licenses: 'none', renewals: 'renewals' });

  it('are the files of the license, newest first, over the edges of pages', async () => {
    for (let seq = 1; seq <= 7; seq += 1) {
      const claims = someClaims({ seq, jti: `serial-${seq}`, sub: 'license-9' });
      const record = {
        licenseId: 'license-9',
        seq,
        outcome: 'renewed' as const,
        header: '{}',
        payload: JSON.stringify(claims),
        signature: new Uint8Array(64),
        claims,
        replacesSeq: seq - 1,
        licenseVersion: 1,
        installationVersion: 1,
        caller: { sourceIp: '198.51.100.7', hostId: 'H-1' },
      };
      await client.send(new PutItemCommand({ TableName: 'renewals', Item: recordToItem(record, 400) }));
    }
    const seqs: number[] = [];
    for await (const { seq } of store().issuedFiles('license-9', 3)) seqs.push(seq);
    expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('are the refusals of the days, by code, and no files', async () => {
    const refusals = {
      'refusal#2026-11-15#host-mismatch#other': 40,
      'refusal#2026-11-16#host-mismatch#other': 2,
      'refusal#2026-11-18#contract-ended#bound': 3,
      'refusal#2026-11-22#host-mismatch#bound': 5,
      'refusal#2026-11-23#host-mismatch#bound': 50,
    };
    for (const [record, count] of Object.entries(refusals)) {
      const item = toItem({ licenseId: 'license-9', record, count, sourceIp: '198.51.100.7' });
      await client.send(new PutItemCommand({ TableName: 'renewals', Item: item }));
    }
    const counts = await store().countRefusals('license-9', '2026-11-16', '2026-11-22');
    expect(Object.fromEntries(counts)).toEqual({ 'host-mismatch': 7, 'contract-ended': 3 });
  });
});

describe('Addresses', () => {
  const store = () => new DynamoDBRecipients(client, 'recipients');

  it('have room until they got so many e-mails on a day, however many are counted at a time', async () => {
    const day = '2026-11-24';
    const addresses = ['a@acme.example', 'nobody@acme.example'];
    expect(await store().haveRoom(addresses, day, 1)).toBe(true);
    await Promise.all(Array.from({ length: 8 }, () => store().countMail('a@acme.example', day)));
    expect(await store().haveRoom(addresses, day, 9)).toBe(true);
    expect(await store().haveRoom(addresses, day, 8)).toBe(false);
    expect(await store().haveRoom(addresses, '2026-11-25', 1)).toBe(true);
    await store().countMail('a@acme.example', '2026-11-25');
    expect(await store().haveRoom(addresses, '2026-11-25', 1)).toBe(false);
  });

  it('are told from each other once one is disabled, in more than one batch', async () => {
    const addresses = Array.from({ length: 130 }, (_, index) => `c${index}@acme.example`);
    await store().disable('c7@acme.example', 'bounce', NOW);
    await store().disable('c120@acme.example', 'complaint', NOW);
    await store().countMail('c8@acme.example', '2026-11-24');
    expect([...(await store().readDisabled(addresses))].sort()).toEqual([
      'c120@acme.example',
      'c7@acme.example',
    ]);
    expect(await store().readDisabled([])).toEqual(new Set());
  });
});

describe('Mutes of a customer', () => {
  it('are kept where its document is replaced, are the same twice, and need the customer', async () => {
    const store = new DynamoDBCustomerStore(client, 'customers');
    expect(await store.mute('acme', 'offline', 'a@acme.example')).toBe(false);
    expect(await store.readWithMutes('acme')).toBeUndefined();
    await store.write({ customerId: 'acme', name: 'Acme', contacts: [] });
    expect(await store.mute('acme', 'offline', 'A@acme.example')).toBe(true);
    expect(await store.mute('acme', 'offline', 'a@acme.example')).toBe(true);
    await store.write({ customerId: 'acme', name: 'Acme Print', contacts: [] });
    expect(await store.readWithMutes('acme')).toEqual({
      customer: { customerId: 'acme', name: 'Acme Print', contacts: [] },
      mutes: new Set(['offline a@acme.example']),
    });
    expect(await store.unmute('acme', 'offline', 'a@acme.example')).toBe(true);
    expect(await store.unmute('acme', 'offline', 'a@acme.example')).toBe(true);
    expect((await store.readWithMutes('acme'))?.mutes).toEqual(new Set());
  });
});
