import { parse } from 'csv-parse/sync';
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { callsOf, replyChanged } from '../support/aws-proxy.ts';
import { aHostId, claimsIn, useWorld, type CustomerAnswer, type IssuedLicense } from './world.ts';

const world = useWorld();

interface Report {
  readonly renewed: number;
  readonly refused: number;
  readonly notProcessed: number;
  readonly files: readonly Record<string, unknown>[];
}

const codeIn = ({ status, body }: CustomerAnswer) => ({
  status,
  code: (body as { code?: string } | undefined)?.code,
});
const zipOf = (files: Readonly<Record<string, string | Uint8Array>>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));

const upload = (customerId: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  world.asCustomer(customerId, 'manager')('POST', '/v1/customer/renewals', body, headers);

/** Sends a zip and answers what came back. */
async function uploadZip(customerId: string, files: Readonly<Record<string, string | Uint8Array>>) {
  const answer = await upload(customerId, zipOf(files), { 'content-type': 'application/zip' });
  expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
    status: 200,
    type: 'application/zip',
  });
  const { 'report.json': json, 'report.csv': csv, ...renewed } = unzipSync(answer.bytes);
  return {
    answer,
    report: JSON.parse(strFromU8(json!)) as Report,
    csv: strFromU8(csv!),
    renewed: Object.fromEntries(Object.entries(renewed).map(([name, bytes]) => [name, strFromU8(bytes)])),
  };
}

/** Hosts without network, of one customer. */
async function aManualCluster(hosts = 3) {
  const customerId = await world.customer();
  await world.order(customerId, 'c-1', { connection: 'manual', hosts, validityDays: 200 });
  const licenses: (IssuedLicense & { hostId: string })[] = [];
  for (let host = 0; host < hosts; host += 1) {
    const hostId = aHostId();
    licenses.push({ hostId, ...(await world.issue(customerId, { id: hostId })) });
  }
  return { customerId, licenses };
}

describe('one file', () => {
  test('is answered with its successor, which renews again', async () => {
    const { customerId, licenses } = await aManualCluster(1);
    const [{ file, licenseId, hostId } = { file: '', licenseId: '', hostId: '' }] = licenses;
    const answer = await upload(customerId, `\n${file}\n`);
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'application/jwt',
        'content-disposition': `attachment; filename="${licenseId}.lic"`,
        'cache-control': 'no-store',
      },
    });
    expect(claimsIn(answer.text)).toMatchObject({ sub: licenseId, seq: 2, host: { id: hostId } });
    expect(answer.headers['license-expires']).toBe(
      new Date(claimsIn(answer.text).exp * 1000).toISOString().replace('.000Z', 'Z'),
    );
    expect(claimsIn((await upload(customerId, answer.text)).text)).toMatchObject({ seq: 3 });
  });

  test('of a starter binds the host that is named', async () => {
    const { customerId, file } = await world.starter({ connection: 'manual' });
    expect(codeIn(await upload(customerId, file))).toEqual({ status: 403, code: 'host-id-required' });
    const hostId = aHostId();
    const { text } = await upload(customerId, file, { 'host-id': hostId, 'host-name': 'rip-01' });
    expect(claimsIn(text)).toMatchObject({ host: { id: hostId, name: 'rip-01' } });
    expect(codeIn(await upload(customerId, text, { 'host-id': aHostId() }))).toEqual({
      status: 403,
      code: 'host-mismatch',
    });
  });

  test('of another customer is answered like one that is not genuine, and costs no call', async () => {
    const theirs = await aManualCluster(1);
    const customerId = await world.customer();
    const [{ file } = { file: '' }] = theirs.licenses;
    const forged = file.slice(0, -6) + (file.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
    const count = () => world.proxy.calls.filter(callsOf('customer-renewals')).length;
    await upload(customerId, forged);
    const before = count();
    const answers = [await upload(customerId, file), await upload(customerId, forged)];
    expect(count()).toBe(before);
    const [genuine, notGenuine] = answers.map(({ status, body }) => ({
      status,
      body: { ...(body as object), requestId: '' },
    }));
    expect(genuine).toEqual(notGenuine);
    expect(genuine).toMatchObject({ status: 400, body: { code: 'file-not-genuine' } });
    // Nor does it move the license.
    expect(claimsIn(await world.renewed(file)).seq).toBe(2);
  });

  test.each([
    ['nothing', '', 400, 'body-empty'],
    ['white space', ' \n ', 400, 'body-empty'],
    ['other text', 'hello', 400, 'file-malformed'],
    ['a large one', 'x'.repeat(16 * 1024 + 1), 413, 'body-too-large'],
    ['a huge one', 'x'.repeat(4 * 1024 * 1024 + 1), 413, 'body-too-large'],
  ])('is refused: %s', async (_name, body, status, code) => {
    const customerId = await world.customer();
    expect(codeIn(await upload(customerId, body))).toEqual({ status, code });
  });

  test('is refused to viewers', async () => {
    const { customerId, licenses } = await aManualCluster(1);
    const viewer = world.asCustomer(customerId, 'viewer');
    expect(codeIn(await viewer('POST', '/v1/customer/renewals', licenses[0]!.file))).toEqual({
      status: 403,
      code: 'role-insufficient',
    });
    expect(claimsIn(await world.stored.currentFile(licenses[0]!.licenseId)).seq).toBe(1);
  });
});

describe('a zip', () => {
  test('is answered with the successors and a report', async () => {
    const { customerId, licenses } = await aManualCluster(3);
    const [first, second, third] = licenses;
    const foreign = await aManualCluster(1);
    await world.revoke(third!.licenseId);
    const { answer, report, csv, renewed } = await uploadZip(customerId, {
      'hall-1/a.lic': first!.file,
      'hall-2/a.lic': second!.file,
      'hall-2/': '',
      'revoked.lic': third!.file,
      'theirs.lic': foreign.licenses[0]!.file,
      '=cmd.txt': 'no license',
      '../../etc/passwd': first!.file,
      '__MACOSX/._a.lic': 'resource fork',
      '.DS_Store': 'x',
    });
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="licenses-${customerId}-${world.day()}.zip"`,
    );
    expect(Object.keys(renewed).sort()).toEqual(['hall-1/a.lic', 'hall-2/a.lic']);
    expect(claimsIn(renewed['hall-1/a.lic']!)).toMatchObject({ sub: first!.licenseId, seq: 2 });
    expect(renewed['hall-2/a.lic']).toBe(await world.stored.currentFile(second!.licenseId));
    expect(report).toMatchObject({ renewed: 2, refused: 4, notProcessed: 0 });
    expect(report.files.map(({ name, outcome, code }) => [name, outcome, code])).toEqual([
      ['hall-1/a.lic', 'renewed', undefined],
      ['hall-2/a.lic', 'renewed', undefined],
      ['revoked.lic', 'refused', 'license-revoked'],
      ['theirs.lic', 'refused', 'file-not-genuine'],
      ['=cmd.txt', 'refused', 'file-malformed'],
      ['../../etc/passwd', 'refused', 'name-invalid'],
    ]);
    expect(report.files[3]).not.toHaveProperty('licenseId');
    const rows = parse<Record<string, string>>(csv, { bom: true, columns: true });
    expect(rows.map(({ name, code }) => [name, code])).toContainEqual(["'=cmd.txt", 'file-malformed']);
    expect(rows).toHaveLength(6);
  });

  test('may be sent again: everything is delivered again, and nothing is lost', async () => {
    const { customerId, licenses } = await aManualCluster(2);
    const files = { 'a.lic': licenses[0]!.file, 'b.lic': licenses[1]!.file };
    const first = await uploadZip(customerId, files);
    const again = await uploadZip(customerId, files);
    expect(again.renewed).toEqual(first.renewed);
  });

  test('with copies of one file gets one successor for all of them', async () => {
    const { customerId, licenses } = await aManualCluster(1);
    const { file, licenseId } = licenses[0]!;
    const copies = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`copy-${index}.lic`, file] as const),
    );
    const { renewed, report } = await uploadZip(customerId, copies);
    expect(report).toMatchObject({ renewed: 30 });
    expect(new Set(Object.values(renewed)).size).toBe(1);
    expect(claimsIn(await world.stored.currentFile(licenseId)).seq).toBe(2);
  });

  test('goes on where one file meets a fault, and says which to send again', async () => {
    const { customerId, licenses } = await aManualCluster(3);
    const denied = { __type: 'AccessDeniedException', message: 'Injected by a test.' };
    world.proxy.intervene(
      callsOf('customer-renewals', 'Sign'),
      replyChanged(() => ({ status: 400, body: denied })),
    );
    const files = Object.fromEntries(licenses.map(({ file }, index) => [`${index}.lic`, file]));
    const { report } = await uploadZip(customerId, files);
    expect(report).toMatchObject({ renewed: 2, notProcessed: 1 });
    const again = await uploadZip(customerId, files);
    expect(again.report).toMatchObject({ renewed: 3, notProcessed: 0 });
  });

  test.each([
    ['nothing in it', zipSync({})],
    ['folders alone', zipOf({ 'a/': '' })],
    ['a part of one', zipOf({ 'a.lic': 'x'.repeat(500) }).subarray(0, 60)],
    ['501 files', zipOf(Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`${index}`, 'x'])))],
  ])('is refused: %s', async (_name, body) => {
    const customerId = await world.customer();
    const answer = await upload(customerId, body, { 'content-type': 'application/zip' });
    expect(codeIn(answer)).toEqual({ status: 400, code: 'upload-invalid' });
  });

  test('is refused where it was sent as text, which damages it', async () => {
    const { customerId, licenses } = await aManualCluster(1);
    const body = zipOf({ 'a.lic': licenses[0]!.file });
    const answer = await upload(customerId, body, { 'content-type': 'text/plain' });
    expect(codeIn(answer)).toEqual({ status: 400, code: 'upload-invalid' });
  });

  test('of 500 files is renewed within the time that the gateway waits', { timeout: 180_000 }, async () => {
    const { customerId, licenses } = await aManualCluster(100);
    const files = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`${index}.lic`, licenses[index % 100]!.file] as const),
    );
    const begun = performance.now();
    const { report } = await uploadZip(customerId, files);
    expect(performance.now() - begun).toBeLessThan(29_000);
    expect(report.files).toHaveLength(500);
    expect(report.renewed + report.notProcessed).toBe(500);
    // What was left over is renewed by sending it again.
    const left = report.files.filter(({ outcome }) => outcome === 'not-processed');
    if (left.length > 0) {
      const again = await uploadZip(
        customerId,
        Object.fromEntries(left.map(({ name }) => [String(name), files[String(name)]!] as const)),
      );
      expect(again.report.renewed).toBeGreaterThan(0);
    }
  });
});
