import { printable } from '../file/printable.ts';
import type { HostIdentity } from '../host/host-identity.ts';
import { isStarter, type GenuineFile } from '../license.ts';

/**
 * The host id to send with a file where only the product's name is given: that of this machine for a starter file, which is
 * bound by it; none for a bound file, whose own id counts. That a bound file is of another host than this machine is said,
 * and is no reason not to renew: the vendor may have assigned ids of its own.
 * @param identify the id of this host, and whether one that is made is kept; undefined where nothing tells it
 * @throws {AgentFault} `host-id`, of a starter file only
 */
export async function hostToSend(
  file: GenuineFile,
  identify: (keep: boolean) => Promise<HostIdentity | undefined>,
  say: (line: string) => void,
): Promise<string | undefined> {
  if (isStarter(file)) {
    const identity = await identify(true);
    if (identity?.warning !== undefined) say(identity.warning);
    return identity?.hostId;
  }
  const here = await identify(false).catch(() => undefined);
  const bound = file.claims.host?.id ?? '';
  if (here?.warning !== undefined) say(here.warning);
  if (here !== undefined && here.hostId !== bound) {
    say(
      `this file is bound to another host id (${printable(bound, 128)}) than this machine's (${printable(here.hostId, 128)}): ` +
        'if it was moved here, run enroll; if it was copied here, this host needs a license of its own',
    );
  }
  return undefined;
}
