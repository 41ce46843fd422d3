/** How long to wait before trying again: each failure doubles the wait. */

export interface Backoff {
  /** Wait after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** Longest wait, in milliseconds. Default: no limit. */
  readonly mostMs?: number;
  /** Adds up to this share of the wait at random, so that many clients do not return together. Default 0. */
  readonly jitter?: number;
}

/**
 * Milliseconds to wait after `failures` failures in a row: `firstMs * 2 ** (failures - 1)`, at most `mostMs`, plus jitter.
 * @param failures at least 1.
 */
export function backoffMs(failures: number, { firstMs, mostMs = Infinity, jitter = 0 }: Backoff): number {
  const wait = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return wait * (1 + Math.random() * jitter);
}
