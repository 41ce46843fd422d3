/** Where `npm run setup:tensorflow` puts TensorFlow, and what it has put there. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  /** The version of the TensorFlow library, for example `2.21.0`. */
  tensorflow: z.string(),
  /** Whether the library is the one for NVIDIA cards. */
  gpu: z.boolean(),
});

export type TensorflowInstall = z.infer<typeof schema>;

/** Written last, so that it stands only beside a whole installation. */
export function installFile(folder: string): string {
  return join(folder, 'installed.json');
}

/** Undefined when there is none, or one that was not finished. */
export async function readInstall(folder: string): Promise<TensorflowInstall | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(installFile(folder), 'utf8')));
  } catch {
    return undefined;
  }
}
