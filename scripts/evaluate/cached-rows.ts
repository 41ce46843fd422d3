/** Embeddings of the items that are searched, kept in a file between evaluations of the same model. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFingerprint } from '../../src/embed/model.ts';
import { hasCode } from '../../src/util/errors.ts';
import type { Rows } from './neighbours.ts';

export interface CachedRowsOptions {
  /** Undefined: nothing is kept. */
  readonly folder: string | undefined;
  readonly fingerprint: ModelFingerprint;
  /** Of the items, in their order. */
  readonly ids: readonly string[];
}

/**
 * A file of another length than expected, as a crash may leave it, is written again.
 * @param embed computes the rows if no file has them.
 */
export async function cachedRows(options: CachedRowsOptions, embed: () => Promise<Rows>): Promise<Rows> {
  const { folder, fingerprint, ids } = options;
  if (folder === undefined) return embed();
  const key = createHash('sha256')
    .update(JSON.stringify([fingerprint, ids]))
    .digest('hex')
    .slice(0, 24);
  const path = join(folder, `${key}.f32`);
  const { dimension } = fingerprint;
  const known = await readFile(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (known?.length === ids.length * dimension * 4) {
    return { vectors: new Float32Array(Uint8Array.from(known).buffer), dimension };
  }
  const rows = await embed();
  const { buffer, byteOffset, byteLength } = rows.vectors;
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.partial`, new Uint8Array(buffer, byteOffset, byteLength));
  await rename(`${path}.partial`, path);
  return rows;
}
