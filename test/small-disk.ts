/** Mounts small or read-only disks, for tests on Linux as root. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  unmount(): void;
}

/** @param kilobytes the size of the disk. */
export function mountSmallDisk(parent: string, kilobytes: number, options = 'rw'): SmallDisk {
  const path = mkdtempSync(join(parent, 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,${options}`, 'tmpfs', path], {
    stdio: 'pipe',
  });
  return {
    path,
    unmount() {
      execFileSync('umount', [path]);
      rmdirSync(path);
    },
  };
}

export const canMount = tryMount();

// --- Internal helpers ---

function tryMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    mountSmallDisk(tmpdir(), 64).unmount();
    return true;
  } catch {
    return false;
  }
}
