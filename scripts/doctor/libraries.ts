/** Finds shared libraries: in the cache of the system's loader, or beside TensorFlow. */

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface FoundLibrary {
  readonly name: string;
  readonly place: string | undefined;
}

/** @param tensorflowFolder has the CUDA wheels in `nvidia/`, each with a folder `lib`. */
export async function findLibraries(
  names: readonly string[],
  tensorflowFolder: string,
): Promise<FoundLibrary[]> {
  const cache = await promisify(execFile)('ldconfig', ['-p'])
    .then(({ stdout }) => stdout)
    .catch(() => '');
  const nvidia = join(tensorflowFolder, 'nvidia');
  const beside = await Promise.all(
    (await readdir(nvidia).catch(() => [])).map(async (name) => {
      const folder = join(nvidia, name, 'lib');
      return (await readdir(folder).catch(() => [])).map((file) => join(folder, file));
    }),
  );
  const files = beside.flat();
  return names.map((name) => ({
    name,
    place: files.find((file) => file.endsWith(`/${name}`)) ?? placeInCache(cache, name),
  }));
}

// --- Internal helpers ---

/** `ldconfig -p` prints `name (kind) => path`. */
function placeInCache(cache: string, name: string): string | undefined {
  const line = cache.split('\n').find((text) => text.trim().startsWith(`${name} `));
  return line?.split('=>')[1]?.trim();
}
