import { displayName, isHostId } from '../core/host.ts';
import { Problem } from '../core/problem.ts';

/**
 * The host as the caller claims it, from `Host-Id` and `Host-Name` (the gateway gives header names in lower case).
 * @throws {Problem} `host-id-invalid`
 */
export function claimedHostOf(headers: Readonly<Record<string, string | undefined>>): {
  hostId?: string;
  hostName?: string;
} {
  const hostId = headers['host-id'];
  if (hostId !== undefined && !isHostId(hostId)) throw new Problem('host-id-invalid');
  const hostName = displayName(headers['host-name']);
  return {
    ...(hostId === undefined ? {} : { hostId }),
    ...(hostName === undefined ? {} : { hostName }),
  };
}
