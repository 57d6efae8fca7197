import { onTestFinished } from 'vitest';
import {
  createRenewer,
  type ExpiringReport,
  type RenewalReport,
  type RenewedReport,
  type RenewerOptions,
} from '../../../agent/src/renewer.ts';
import type { HostileService } from '../hostile-service.ts';
import { aFolder } from '../file/support.ts';

/** A renewer for the files of a host, with all that it tells; its state is in a folder of its own. */
export function aRenewer(service: HostileService, options: Partial<RenewerOptions> = {}) {
  const log: string[] = [];
  const stateFolder = aFolder();
  const renewer = createRenewer({
    files: [service.licenses],
    keySet: service.keys,
    stateFolder,
    environment: { PATH: process.env['PATH'] },
    clock: service.clock,
    random: () => 0.5,
    log: (line) => log.push(line),
    ...options,
  });
  onTestFinished(() => renewer.close());
  const attempts: RenewalReport[] = [];
  const renewed: RenewedReport[] = [];
  const expiring: ExpiringReport[] = [];
  const troubles: string[] = [];
  renewer.on('attempt', (report) => attempts.push(report));
  renewer.on('renewed', (report) => renewed.push(report));
  renewer.on('expiring', (report) => expiring.push(report));
  renewer.on('trouble', ({ message }) => troubles.push(message));
  return { renewer, stateFolder, attempts, renewed, expiring, troubles, log };
}
