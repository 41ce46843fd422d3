/** What only the text of the sources shows. Who imports whom is in .dependency-cruiser.mjs. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  /** Relative to the repository, for example `src/main.ts`. */
  readonly path: string;
  readonly text: string;
}

const files = ['src', 'commands'].flatMap((folder) => sourcesBelow(join(root, folder)));

describe('import rules', () => {
  it('reads the real sources', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(usersOf(/process\.env\b/, /^$/)).toContain('src/config/config.ts');
  });

  it('reads the environment only in config/', () => {
    expect(usersOf(/process\.env\b/, /^src\/config\//)).toEqual([]);
  });

  it('ends the process and hears signals only in main.ts', () => {
    expect(usersOf(/process\.(exit\b|on\()/, /^src\/main\.ts$/)).toEqual([]);
  });

  it('lets nobody terminate a worker: it aborts the process while onnxruntime computes', () => {
    expect(usersOf(/\.terminate\(/, /^$/)).toEqual([]);
  });
});

// --- Internal helpers ---

function sourcesBelow(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      return { path: relative(root, path), text: withoutComments(readFileSync(path, 'utf8')) };
    });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function usersOf(pattern: RegExp, allowed: RegExp): string[] {
  return files.filter(({ path, text }) => !allowed.test(path) && pattern.test(text)).map(({ path }) => path);
}
