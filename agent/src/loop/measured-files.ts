import type { GenuineFile } from '../license.ts';
import type { MeasuredFile } from '../metrics.ts';
import type { StateStore } from './state-store.ts';

export interface MeasuredParts {
  /** The license files that there are now; where it rejects, those known so far are measured. */
  readonly files: () => Promise<readonly string[]>;
  readonly read: (path: string) => Promise<GenuineFile>;
  readonly store: Pick<StateStore, 'read'>;
}

/**
 * What is known of every file that is listed, so that the metrics of one attempt do not drop the series of the others: of
 * files that this process has not tried yet, what is on the disk and what is remembered.
 */
export class MeasuredFiles {
  private readonly known = new Map<string, MeasuredFile>();
  private readonly parts: MeasuredParts;

  constructor(parts: MeasuredParts) {
    this.parts = parts;
  }

  /** All that is listed after an attempt on one file, which is among them in any case. Never rejects. */
  async after(measured: MeasuredFile): Promise<readonly MeasuredFile[]> {
    this.known.set(measured.path, measured);
    const listed = await this.parts.files().catch(() => undefined);
    if (listed !== undefined) {
      for (const path of this.known.keys()) {
        if (path !== measured.path && !listed.includes(path)) this.known.delete(path);
      }
      for (const path of listed) if (!this.known.has(path)) await this.look(path);
    }
    return [...this.known.values()];
  }

  private async look(path: string): Promise<void> {
    const state = await this.parts.store.read(path);
    const file = await this.parts.read(path).catch(() => undefined);
    // It may have been tried meanwhile: that is newer.
    if (!this.known.has(path)) this.known.set(path, { path, state, ...(file ? { file } : {}) });
  }
}
