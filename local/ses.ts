import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import * as z from 'zod/mini';
import type { ServiceClock } from './clock.ts';
import { readBody, send } from './http.ts';
import type { Mail, Mailbox } from './mailbox.ts';

/** SES takes messages of at most 40 MB; the stand-in behind this one stops earlier. */
const MAX_BODY = 25 * 1024 * 1024;

const storeSchema = z.object({
  emails: z.array(
    z.object({
      messageId: z.string(),
      from: z.string(),
      replyTo: z._default(z.array(z.string()), []),
      destination: z.object({ to: z.array(z.string()), cc: z.array(z.string()), bcc: z.array(z.string()) }),
      subject: z.string(),
      body: z.object({ text: z.optional(z.string()), html: z.optional(z.string()) }),
    }),
  ),
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

const failure = (status: number, code: string, message: string): Answer => ({
  status,
  body: `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

/**
 * SES for one machine. `aws-ses-v2-local` understands the messages; this front in front of it keeps every e-mail, with the
 * service's time, before the sender learns that it was sent, and mends what the package does not do: it hangs on actions
 * it does not know, keeps only the first recipient, neither tags nor headers, and every message in memory.
 */
export function createSes(
  mailbox: Mailbox,
  clock: ServiceClock,
  onSent: (mail: Mail, messageId: string) => void,
): Server {
  let inner: Promise<InnerSes> | undefined;

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const body = await readBody(request, MAX_BODY);
    if (body === undefined) return failure(413, 'MessageRejected', 'The message is too large.');
    const form = new URLSearchParams(body.toString());
    const action = form.get('Action') ?? '';
    if (action !== 'SendEmail' && action !== 'SendRawEmail') {
      return failure(400, 'InvalidAction', 'The local run takes SendEmail and SendRawEmail only.');
    }
    inner ??= startInner();
    const sent = await (await inner).send(body, request.headers);
    if ('status' in sent) return failure(sent.status, 'ValidationError', 'The message is not valid.');
    const { email, answer: taken } = sent;
    const { to, cc, bcc } = email.destination;
    const named = [...form]
      .filter(([name]) => /^Destinations?\..*member\.\d+$/.test(name))
      .map(([, address]) => address);
    const configurationSet = form.get('ConfigurationSetName');
    const mail: Mail = {
      to: named.length > 0 ? named : [...to, ...cc, ...bcc],
      from: email.from,
      subject: email.subject,
      text: email.body.text ?? '',
      html: email.body.html ?? '',
      sentAt: clock.now().toISOString(),
      replyTo: email.replyTo,
      headers: unsubscribeHeadersIn(form.get('RawMessage.Data')),
      tags: tagsIn(form),
      ...(configurationSet === null ? {} : { configurationSet }),
    };
    await mailbox.add(mail);
    onSent(mail, email.messageId);
    return taken;
  };

  const server = createServer((request, response) => {
    // As in the database: the caller's clock may be a moved one.
    response.sendDate = false;
    answer(request)
      .catch((error: unknown) =>
        failure(500, 'InternalFailure', error instanceof Error ? error.name : 'Error'),
      )
      .then(({ status, body }) => send(response, { status, headers: { 'content-type': 'text/xml' }, body }))
      .catch(() => response.destroy());
  });
  server.on('close', () => void inner?.then((ses) => ses.stop()));
  return server;
}

function tagsIn(form: URLSearchParams): Record<string, string> {
  const names = [...form].filter(([key]) => /^Tags\.member\.\d+\.Name$/.test(key));
  return Object.fromEntries(
    names.map(([key, name]) => [name, form.get(key.replace(/Name$/, 'Value')) ?? '']),
  );
}

/** Unfolded, as RFC 5322 has it. */
function unsubscribeHeadersIn(message: string | null): Record<string, string> {
  const text = Buffer.from(message ?? '', 'base64').toString();
  const [head = ''] = text.split(/\r?\n\r?\n/, 1);
  const lines = head.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/);
  return Object.fromEntries(
    ['List-Unsubscribe', 'List-Unsubscribe-Post'].flatMap((name) => {
      const line = lines.find((candidate) => candidate.toLowerCase().startsWith(`${name.toLowerCase()}:`));
      return line === undefined ? [] : [[name, line.slice(name.length + 1).trim()]];
    }),
  );
}

type Email = z.infer<typeof storeSchema>['emails'][number];

interface InnerSes {
  /** What it made of the message, or the status with which it refused it. */
  send(
    body: Buffer,
    headers: IncomingMessage['headers'],
  ): Promise<{ readonly email: Email; readonly answer: Answer } | { readonly status: number }>;
  stop(): Promise<unknown>;
}

/** Started with the first e-mail, in a thread of its own: the package keeps one store per module. */
async function startInner(): Promise<InnerSes> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     require(workerData).default({ host: '127.0.0.1', port: 0 }).then((s) => parentPort.postMessage(s.address().port));`,
    { eval: true, workerData: createRequire(import.meta.url).resolve('aws-ses-v2-local') },
  );
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const url = `http://127.0.0.1:${port}/`;
  const exchange = async (body: Buffer, { authorization = '' }: IncomingMessage['headers']) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
      body: new Uint8Array(body),
    });
    if (response.status !== 200) return { status: response.status };
    const answer = { status: 200, body: await response.text() };
    const { emails } = storeSchema.parse(await (await fetch(`${url}store`)).json());
    await fetch(`${url}clear-store`, { method: 'POST' });
    const [email] = emails;
    return email === undefined ? { status: 500 } : { email, answer };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: its store holds the message of this exchange alone.
    send(body, headers) {
      const exchanged = last.then(() => exchange(body, headers));
      last = exchanged.catch(() => undefined);
      return exchanged;
    },
    stop: () => worker.terminate(),
  };
}
