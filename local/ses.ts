import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import * as z from 'zod/mini';
import type { ServiceClock } from './clock.ts';
import { readBody, send } from './http.ts';
import type { Mailbox } from './mailbox.ts';

/** SES takes messages of at most 40 MB; the stand-in behind this one stops earlier. */
const MAX_BODY = 25 * 1024 * 1024;

const storeSchema = z.object({
  emails: z.array(
    z.object({
      messageId: z.string(),
      from: z.string(),
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
 * it does not know, and keeps only the first recipient.
 */
export function createSes(mailbox: Mailbox, clock: ServiceClock): Server {
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
    const ses = await inner;
    const sent = await ses.send(body, request.headers);
    if (sent.status !== 200) return failure(sent.status, 'ValidationError', 'The message is not valid.');
    const messageId = /<MessageId>([^<]+)</.exec(sent.body)?.[1];
    const email = (await ses.store()).emails.find((candidate) => candidate.messageId === messageId);
    if (email === undefined) return failure(500, 'InternalFailure', 'The message was lost.');
    const { to, cc, bcc } = email.destination;
    const named = [...form]
      .filter(([name]) => /^Destinations?\..*member\.\d+$/.test(name))
      .map(([, address]) => address);
    await mailbox.add({
      to: named.length > 0 ? named : [...to, ...cc, ...bcc],
      from: email.from,
      subject: email.subject,
      text: email.body.text ?? '',
      html: email.body.html ?? '',
      sentAt: clock.now().toISOString(),
    });
    return sent;
  };

  const server = createServer((request, response) => {
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

interface InnerSes {
  send(body: Buffer, headers: IncomingMessage['headers']): Promise<Answer>;
  store(): Promise<z.infer<typeof storeSchema>>;
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
  return {
    async send(body, headers) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: headers.authorization ?? '',
        },
        body: new Uint8Array(body),
      });
      return { status: response.status, body: await response.text() };
    },
    store: async () => storeSchema.parse(await (await fetch(`${url}store`)).json()),
    stop: () => worker.terminate(),
  };
}
