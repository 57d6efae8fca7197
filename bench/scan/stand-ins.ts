import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeServer, listen } from '../../local/http.ts';

const SENT = `<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>
<MessageId>bench</MessageId></SendRawEmailResult></SendRawEmailResponse>`;

/** The least of KMS and SES that a scan needs. */
export interface StandIns {
  readonly url: string;
  /** E-mails since the last time, and their bytes. */
  takeMails(): { readonly count: number; readonly bytes: number };
  close(): Promise<void>;
}

/** Codes every message alike, and counts every e-mail without reading it. */
export async function startStandIns(): Promise<StandIns> {
  let mails = { count: 0, bytes: 0 };
  const mac = createHash('sha256').update('bench').digest('base64');
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const isKms = 'x-amz-target' in request.headers;
      if (!isKms) mails = { count: mails.count + 1, bytes: mails.bytes + body.length };
      response.setHeader('content-type', isKms ? 'application/x-amz-json-1.1' : 'text/xml');
      response.end(isKms ? JSON.stringify({ KeyId: 'mute', Mac: mac, MacAlgorithm: 'HMAC_SHA_256' }) : SENT);
    });
  });
  return {
    url: await listen(server, 0),
    takeMails() {
      const taken = mails;
      mails = { count: 0, bytes: 0 };
      return taken;
    },
    close: () => closeServer(server),
  };
}
