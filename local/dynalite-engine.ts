import dynalite from 'dynalite';
import { checkLevel } from './level.ts';
import { listen } from './http.ts';
import type { Engine } from './engines.ts';

/** The embedded engine. LevelDB has every write before it is answered: `kill -9` loses nothing that a caller was told. */
export async function startDynalite(folder: string): Promise<Engine> {
  await checkLevel(folder);
  const server = dynalite({ path: folder, createTableMs: 0 });
  // dynalite throws what a broken connection reports; a caller that is killed in the middle of a request must not end us.
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => undefined);
  });
  // The SDK takes a Date that differs from its moved clock for skew, and would repeat every refused conditional write.
  server.prependListener('request', (_request, response) => {
    response.sendDate = false;
  });
  const url = await listen(server, 0);
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
