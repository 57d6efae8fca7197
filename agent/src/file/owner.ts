import { stat } from 'node:fs/promises';
import { AgentFault } from '../fault.ts';
import { printable } from './printable.ts';

/**
 * Why a renewed file could not get owner and group of the one at the path, which only root may give away; undefined where it
 * can, or where it cannot be told. Known before the service is asked, so that no serial is spent on it.
 */
export async function whyNotOwned(path: string): Promise<AgentFault | undefined> {
  const user = process.getuid?.();
  if (user === undefined || user === 0) return undefined;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { uid, gid, mode } = found;
  const groups = [process.getgid?.(), ...(process.getgroups?.() ?? [])];
  // Another group is harmless only where the group may no more than everybody.
  const groupMatters = (mode & 0o070) >> 3 !== (mode & 0o007);
  if (uid === user && (groups.includes(gid) || !groupMatters)) return undefined;
  return new AgentFault(
    'not-written',
    `${printable(path)} belongs to ${uid === user ? `group ${gid}` : `user ${uid}`}, to whom this user cannot give the renewed one`,
    `Give the file to the user of the agent: ${uid === user ? `chgrp ${groups[0]}` : `chown ${user}`} on it, as root.`,
  );
}
