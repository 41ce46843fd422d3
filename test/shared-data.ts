/** Path of the shared test data, `../shared` beside the repository, which may be absent. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = fileURLToPath(new URL('../../shared', import.meta.url));

export function sharedPath(...parts: string[]): string {
  return join(shared, ...parts);
}

export const hasShared = existsSync(shared);
