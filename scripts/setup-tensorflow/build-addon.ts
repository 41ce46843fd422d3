/** The native addon of tfjs, built from its own unchanged source against the TensorFlow library beside it. */

import { copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { runTool } from './run-tool.ts';

/** Versions of Node-API that the addon speaks; every Node from 20 on does. */
const NAPI = 8;
const PACKAGE = join('node_modules', '@tensorflow', 'tfjs-node-gpu');

/** The npm side: the addon's source and JavaScript, from a lock file with digests, without running anybody's installer. */
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
    missing: 'It comes with Node.',
  });
}

/** @throws {OperatorError} when there is no compiler or it fails. */
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
    missing: 'The addon is compiled here (Debian: apt-get install g++).',
  });
  await rename(partial, join(target, 'tfjs_binding.node'));
}
