import * as z from 'zod/mini';
import { STANDINGS } from '../customer-view/standing.ts';

/** What the answers about licenses, installations and all of them together have in common. */

export const count = z.int().check(z.minimum(0));
export const hostSchema = z.object({ id: z.string(), name: z.optional(z.string()) });
export const contractNameSchema = z.object({ id: z.string(), reference: z.optional(z.string()) });
export const inInstallation = { product: z.string(), installation: z.string() };
export const standingSchema = z.enum(STANDINGS);
export const countsSchema = z.record(standingSchema, count);
export const connectionSchema = z.enum(['online', 'manual']);
export const placesSchema = z.object({
  /** By the contracts in force. */
  ordered: count,
  /** May run: those ordered, or more through a grace. */
  allowed: count,
  /** Licenses that take up one of them. */
  licensed: count,
});

export const exampleCounts = {
  healthy: 2,
  failing: 0,
  expiring: 0,
  offline: 0,
  'in-grace': 0,
  'not-installed': 1,
  'not-entitled': 0,
  'beyond-hosts': 0,
  revoked: 0,
  retired: 0,
  lapsed: 0,
} as const;

export const viewed = { audience: 'customer', role: 'viewer' } as const;

/** Of every view: whoever asks, and however. */
export const viewProblems = ['token-incomplete', 'query-invalid'] as const;
