import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  /** Relative to the repository, for example `src/main.ts`. */
  readonly path: string;
  readonly text: string;
  /** Packages as they are written, our own files as paths relative to the repository. */
  readonly imports: readonly string[];
}

const files = ['src', 'commands'].flatMap((folder) => sourcesBelow(join(root, folder)));

/** A library, and the only files that may import it. The order of the parts is told in ARCHITECTURE.md. */
const HOMES: Readonly<Record<string, RegExp>> = {
  'discord.js': /^src\/adapters\/discord\//,
  telegraf: /^src\/adapters\/telegram\//,
  fastify: /^src\/adapters\/web\//,
  'onnxruntime-node': /^src\/embed\/onnx-worker\.ts$/,
  '@tensorflow': /^src\/embed\/tensorflow-/,
  protobufjs: /^src\/embed\/onnx-schema\.ts$/,
  'hnswlib-node': /^src\/search\/hnsw-/,
  sharp: /^src\/photo\//,
  'classic-level': /^src\/store\//,
  dotenv: /^src\/config\//,
  'prom-client': /^src\/metrics\//,
  croner: /^src\/(config|reindex\/triggers)\//,
  chokidar: /^src\/reindex\/triggers\//,
};

describe('import rules', () => {
  it('reads the real sources', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap(({ imports }) => imports)).toContain('onnxruntime-node');
  });

  for (const [library, home] of Object.entries(HOMES)) {
    it(`keeps ${library} in its place`, () => {
      const users = files.filter(({ imports }) =>
        imports.some((name) => name === library || name.startsWith(`${library}/`)),
      );
      expect(users.map(({ path }) => path).filter((path) => !home.test(path))).toEqual([]);
    });
  }

  it('lets nothing but the composition root import an adapter', () => {
    expect(importersOf(/^src\/adapters\//, /^src\/(adapters\/|main\.ts)/)).toEqual([]);
  });

  it('lets the parts below recommend.ts import neither it, nor chat, nor commands', () => {
    const below = /^src\/(photo|embed|search|catalogue|sources|reindex|store|config|util)\//;
    const above = /^(src\/(create-app|main)\.ts|src\/(recommend|chat)\/|commands\/)/;
    const wrong = files.filter(
      ({ path, imports }) => below.test(path) && imports.some((name) => above.test(name)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
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
      const text = readFileSync(path, 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target = '']) =>
        target.startsWith('.') ? relative(root, join(dirname(path), target)) : target,
      );
      return { path: relative(root, path), text: withoutComments(text), imports };
    });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function importersOf(target: RegExp, allowed: RegExp): string[] {
  return files
    .filter(({ path, imports }) => !allowed.test(path) && imports.some((name) => target.test(name)))
    .map(({ path }) => path);
}

function usersOf(pattern: RegExp, allowed: RegExp): string[] {
  return files.filter(({ path, text }) => !allowed.test(path) && pattern.test(text)).map(({ path }) => path);
}
