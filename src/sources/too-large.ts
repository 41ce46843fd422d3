/** The message about a file or a response that exceeds its size limit. */

/**
 * @param bytes its size, as far as it is known.
 * @param maxBytes the limit.
 */
export function tooLarge(bytes: number, maxBytes: number): string {
  return `it has ${megabytes(bytes)}, and at most ${megabytes(maxBytes)} are read`;
}

// --- Internal helpers ---

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
