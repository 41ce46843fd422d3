/** Commands are published to a platform only when they changed: a digest of what was published last is kept. */

import { createHash } from 'node:crypto';

/** SHA-256 of a JSON value, in hexadecimal digits. */
export function publicationDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
