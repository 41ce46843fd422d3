/** Builds the native addon of tfjs from its unchanged source, linked to the installed TensorFlow library. */

import { copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { runTool } from './run-tool.ts';

/** Version of Node-API that the addon uses; Node 20 and later support it. */
const NAPI = 8;
const PACKAGE = join('node_modules', '@tensorflow', 'tfjs-node-gpu');

/** Installs the addon's source and JavaScript with npm, from a lock file with digests and without running install scripts. */
export async function installPackages(folder: string): Promise<void> {
  const pinned = join(
    dirname(createRequire(import.meta.url).resolve('#root/package.json')),
    'scripts',
    'setup-tensorflow',
    'addon',
  );
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(join(pinned, file), join(folder, file));
  await runTool({
    command: 'npm',
    args: ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    cwd: folder,
    missing: 'It is part of Node.',
  });
}

/** @throws {OperatorError} when the compiler is missing or fails. */
export async function buildAddon(folder: string): Promise<void> {
  const addon = join(folder, PACKAGE);
  const target = join(addon, 'lib', `napi-v${NAPI}`);
  const libraries = join(folder, 'tensorflow');
  const binding = join(addon, 'binding');
  const sources = (await readdir(binding)).filter((name) => name.endsWith('.cc'));
  await mkdir(target, { recursive: true });
  const partial = join(target, 'tfjs_binding.partial');
  await runTool({
    command: 'g++',
    args: [
      ...['-O2', '-std=c++17', '-fPIC', '-shared', '-fvisibility=hidden', `-DNAPI_VERSION=${NAPI}`],
      ...['-I', join(folder, 'node_modules', 'node-api-headers', 'include')],
      ...['-I', join(libraries, 'include'), '-I', addon],
      ...sources.map((name) => join(binding, name)),
      ...['-L', libraries, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      `-Wl,-rpath,$ORIGIN/${relative(target, libraries)}`,
      ...['-o', partial],
    ],
    missing: 'It compiles the addon (Debian: apt-get install g++).',
  });
  await rename(partial, join(target, 'tfjs_binding.node'));
}
