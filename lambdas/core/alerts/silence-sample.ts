import type { Instant } from '../instant.ts';

/** Customers that are counted one by one; of more, a sample of this size stands for all. */
const SAMPLE_SIZE = 4_096;

/** Fewer customers than this fall silent together by chance. */
const LEAST_CUSTOMERS = 10;

/** A sample as it is kept between two parts of a scan: the hash of a customer and when it was last heard of. */
export type StoredSample = readonly (readonly [hash: number, lastSeenAt: Instant])[];

/**
 * When each customer was last heard of, to tell a fault of the vendor from faults of customers. Memory is bounded: of very many
 * customers those with the lowest hashes are kept, which is a fair sample, the same in every part of a scan.
 */
export class SilenceSample {
  private lastSeen = new Map<number, Instant>();
  /** Hashes above it are not in the sample. */
  private highest = Number.POSITIVE_INFINITY;

  /** Takes in what an earlier part of the same scan has seen. */
  restore(stored: StoredSample): void {
    for (const [hash, lastSeenAt] of stored) this.note(hash, lastSeenAt);
  }

  /** Notes when a host of a customer was last heard of. */
  observe(customerId: string, lastSeenAt: Instant): void {
    this.note(hashOf(customerId), lastSeenAt);
  }

  private note(hash: number, lastSeenAt: Instant): void {
    if (hash > this.highest) return;
    const known = this.lastSeen.get(hash);
    if (known !== undefined && known >= lastSeenAt) return;
    this.lastSeen.set(hash, lastSeenAt);
    // Trimmed at twice the size, so that sorting is rare.
    if (this.lastSeen.size > 2 * SAMPLE_SIZE) this.trim();
  }

  stored(): StoredSample {
    this.trim();
    return [...this.lastSeen];
  }

  /**
   * Whether more than half of the customers, and at least 10, fell silent within `seconds`. A customer is silent if none of
   * its hosts was heard of since `silentSince`; those that were not heard of since `goneSince` are customers no more.
   */
  fellSilentTogether(silentSince: Instant, goneSince: Instant, seconds: number): boolean {
    const times = [...this.lastSeen.values()].filter((lastSeenAt) => lastSeenAt > goneSince);
    const silent = times.filter((lastSeenAt) => lastSeenAt <= silentSince).sort((a, b) => a - b);
    let together = 0;
    for (let first = 0, last = 0; last < silent.length; last += 1) {
      while ((silent[last] ?? 0) - (silent[first] ?? 0) > seconds) first += 1;
      together = Math.max(together, last - first + 1);
    }
    return together >= LEAST_CUSTOMERS && 2 * together > times.length;
  }

  private trim(): void {
    if (this.lastSeen.size <= SAMPLE_SIZE) return;
    const kept = [...this.lastSeen].sort(([a], [b]) => a - b).slice(0, SAMPLE_SIZE);
    this.lastSeen = new Map(kept);
    this.highest = kept.at(-1)?.[0] ?? Number.POSITIVE_INFINITY;
  }
}

/** FNV-1a, 32 bits, then mixed (the finalizer of MurmurHash3), as close ids must not have close hashes. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
