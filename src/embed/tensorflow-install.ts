/** Reads what `npm run setup:tensorflow` has installed. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  /** The version of the TensorFlow library, for example `2.21.0`. */
  tensorflow: z.string(),
  /** Whether the library supports NVIDIA GPUs. */
  gpu: z.boolean(),
});

export type TensorflowInstall = z.infer<typeof schema>;

/** The path of the file that describes an installation. It is written last, so it exists only in a complete one. */
export function installFile(folder: string): string {
  return join(folder, 'installed.json');
}

/** Undefined without an installation, or with an incomplete one. */
export async function readInstall(folder: string): Promise<TensorflowInstall | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(installFile(folder), 'utf8')));
  } catch {
    return undefined;
  }
}
