import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as sent. */
  readonly data: string;
}

export interface Behaviour {
  /** Never says a word. */
  readonly isSilent?: boolean;
  /** The answer to a message, such as `554 No`; absent: it is taken. */
  readonly answerToData?: string;
  /** Asks for a login, and refuses it by quoting it. */
  readonly refusesLogin?: boolean;
}

/** A relay that speaks as much SMTP as a message needs, and keeps what it takes. */
export async function startSmtpServer(behaviour: Behaviour = {}) {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  let current = behaviour;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (current.isSilent === true) return;
    serve(socket, mails, current);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    mails,
    address: `127.0.0.1:${port}`,
    become: (next: Behaviour) => (current = next),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(
  socket: Socket,
  mails: ReceivedMail[],
  { answerToData, refusesLogin = false }: Behaviour,
): void {
  let pending = '';
  let from = '';
  let to: string[] = [];
  let data: string | undefined;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  say('220 relay');
  socket.on('data', (chunk) => {
    pending += chunk.toString('utf8');
    for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 2);
      if (data !== undefined) {
        if (line !== '.') {
          data += `${line}\n`;
          continue;
        }
        if (answerToData === undefined) mails.push({ from, to, data });
        data = undefined;
        say(answerToData ?? '250 taken');
        continue;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'MAIL') {
        from = addressIn(line);
        to = [];
      } else if (verb === 'RCPT') to.push(addressIn(line));
      else if (verb === 'DATA') data = '';
      const answers: Readonly<Record<string, string>> = {
        EHLO: refusesLogin ? '250-relay\r\n250 AUTH PLAIN' : '250 relay',
        AUTH: `535 wrong login: ${line}`,
        DATA: '354 go on',
        QUIT: '221 bye',
      };
      say(answers[verb] ?? '250 ok');
      if (verb === 'QUIT') socket.end();
    }
  });
}

const addressIn = (line: string): string => /<(.*)>/.exec(line)?.[1] ?? '';
