declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @param options.path LevelDB folder; in memory without it. */
  export default function dynalite(options?: { path?: string; createTableMs?: number }): Server;
}
