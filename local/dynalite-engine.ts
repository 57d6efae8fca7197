import dynalite from 'dynalite';
import { checkLevel } from './level.ts';
import { listen } from './http.ts';
import type { Engine } from './engine.ts';

/** The embedded engine; without a folder it keeps its data in memory. */
export async function startDynalite(folder?: string): Promise<Engine> {
  if (folder !== undefined) await checkLevel(folder);
  const server = dynalite({ createTableMs: 0, ...(folder !== undefined && { path: folder }) });
  // dynalite throws what a broken connection reports; a caller that is killed in the middle of a request must not end us.
  server.on('request', (request) => {
    request.removeAllListeners('error').on('error', () => undefined);
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
