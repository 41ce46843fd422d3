/** Compiles what tests start as processes and threads: a start from TypeScript costs a process 1.5 s of a core more. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('..', import.meta.url));
const BUILD = `${repository}dist/for-tests`;
const STAMP = `${BUILD}/built`;
const CONFIG = 'tsconfig.test-programs.json';

/** Made by the first test that wants it (demo-data-folder.ts), gone with the build that made it. */
export const DEMO_DATA = `${BUILD}/demo-data`;

/** Does nothing while nothing has changed since it did something. */
export default function buildPrograms(): void {
  if (isFresh()) return;
  const began = new Date();
  rmSync(BUILD, { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', CONFIG], {
    cwd: repository,
    stdio: 'inherit',
  });
  mkdirSync(BUILD, { recursive: true });
  writeFileSync(STAMP, '');
  utimesSync(STAMP, began, began);
}

/**
 * @param source relative to the repository, for example `scripts/inventory.ts`.
 * @returns the absolute path of what it was compiled to.
 */
export function builtProgram(source: string): string {
  return `${BUILD}/${source.replace(/\.ts$/, '.js')}`;
}

// --- Internal helpers ---

function isFresh(): boolean {
  if (!existsSync(STAMP)) return false;
  const inputs = ['src', 'commands', 'scripts', 'assets'].flatMap((name) => [name, ...filesBelow(name)]);
  // Of the tests, only what they start and what that imports.
  for (const name of filesBelow('dist/for-tests/test')) {
    if (name.endsWith('.js')) inputs.push(name.replace('dist/for-tests/', '').replace(/js$/, 'ts'));
  }
  inputs.push('package-lock.json', 'tsconfig.json', 'tsconfig.build.json', CONFIG);
  const built = statSync(STAMP).mtimeMs;
  return inputs.every((input) => {
    const stats = statSync(join(repository, input), { throwIfNoEntry: false });
    return stats !== undefined && stats.mtimeMs < built;
  });
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(folder, name));
}
