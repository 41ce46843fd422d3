/** Compiles, once a test run, the programs that tests start: a start from TypeScript costs 1.5 s of a core more. */

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const BUILD = `${root}dist/for-tests`;

/** Made by the first test that wants it (demo-data-folder.ts), gone with the build that made it. */
export const DEMO_DATA = `${BUILD}/demo-data`;

export default function buildPrograms(): void {
  rmSync(BUILD, { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.system-tests.json'], {
    cwd: root,
    stdio: 'inherit',
  });
}

/**
 * @param source relative to the repository, for example `scripts/inventory.ts`.
 * @returns the absolute path of what it was compiled to.
 */
export function builtProgram(source: string): string {
  return `${BUILD}/${source.replace(/\.ts$/, '.js')}`;
}
