/** npm run setup:tensorflow: installs TensorFlow for the TensorFlow engine and for training, from package registries only. */

import { execFile } from 'node:child_process';
import { readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../src/config/config.ts';
import { installFile, readInstall } from '../src/embed/tensorflow-install.ts';
import { messageOf, OperatorError } from '../src/util/errors.ts';
import { buildAddon, installPackages } from './setup-tensorflow/build-addon.ts';
import { fetchWheel } from './setup-tensorflow/fetch-wheel.ts';
import { checkPlatform } from './setup-tensorflow/check-platform.ts';
import { CPU_WHEELS, GPU_WHEELS, TENSORFLOW } from './setup-tensorflow/wheels.ts';
import { parseOptions } from './parse-options.ts';
import { runCommandLine } from './run-command-line.ts';

const USAGE = `Usage: npm run setup:tensorflow [-- --gpu | --remove]

  --gpu     install the library for NVIDIA GPUs and the CUDA libraries (a download of about 3 GB); without a GPU it uses the CPU
  --remove  remove the installation

You can stop it at any moment and run it again: finished steps are skipped, an interrupted download starts again.`;

/** Bytes that the installation needs at most while it is in progress. */
const SPACE = { cpu: 2.2e9, gpu: 12e9 };

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const { gpu, remove } = parse(args);
  const { tensorflowFolder: folder } = readConfig();
  if (remove) return removeInstall(folder);
  const kind = gpu ? 'gpu' : 'cpu';
  const before = await readInstall(folder);
  if (before?.tensorflow === TENSORFLOW && before.gpu === gpu) {
    console.log(`TensorFlow ${TENSORFLOW} (${kind}) is already installed in ${folder}. --remove removes it.`);
    return 0;
  }
  checkPlatform();
  await checkSpace(folder, SPACE[kind]);
  await rm(installFile(folder), { force: true });
  if (before) await removeOtherKind(folder, gpu);

  const wheels = gpu ? GPU_WHEELS : CPU_WHEELS;
  const steps: [string, () => Promise<unknown>][] = [
    ['the addon’s source and JavaScript (npm)', () => installPackages(folder)],
    ...wheels.map((wheel): [string, () => Promise<unknown>] => [
      `${wheel.name} ${wheel.version} (pip)`,
      () => fetchWheel(folder, wheel),
    ]),
    ['the native addon (g++)', () => buildAddon(folder)],
  ];
  for (const [n, [title, step]] of steps.entries()) {
    console.log(`[${n + 1}/${steps.length}] ${title}`);
    await step();
  }
  await rm(join(folder, 'downloads'), { recursive: true, force: true });
  console.log(`It works: ${await tryInstall(folder)}`);
  await writeFile(installFile(folder), JSON.stringify({ tensorflow: TENSORFLOW, gpu }));
  console.log(
    `TensorFlow ${TENSORFLOW} (${kind}) is installed in ${folder}. Use it with ENGINE=tensorflow; npm run doctor compares the engines.`,
  );
  return 0;
}

function parse(args: string[]): { gpu: boolean; remove: boolean } {
  const options = {
    gpu: { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
  } as const;
  return parseOptions({ args, options }).values;
}

/** Removes only a folder that this script has made. */
async function removeInstall(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) {
    console.log(`TensorFlow is not installed in ${folder}.`);
    return 0;
  }
  if (!text.includes('"fashion-recommender-tensorflow"')) {
    throw new OperatorError(
      `${folder} was not made by npm run setup:tensorflow, so it was not removed. Check TENSORFLOW_DIR.`,
    );
  }
  await rm(folder, { recursive: true });
  console.log(`Removed ${folder}.`);
  return 0;
}

/** The libraries for CPU and GPU have the same name, so one must go before the other comes. */
async function removeOtherKind(folder: string, gpu: boolean): Promise<void> {
  const others = gpu ? ['tensorflow', 'unpacked'] : ['tensorflow', 'nvidia', 'unpacked'];
  for (const name of others) await rm(join(folder, name), { recursive: true, force: true });
}

async function checkSpace(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const gigabytes = (amount: number): string => `${(amount / 1e9).toFixed(1)} GB`;
  throw new OperatorError(
    `The installation needs ${gigabytes(bytes)} in ${folder}, but only ${gigabytes(bavail * bsize)} are free.`,
  );
}

/** Multiplies two matrices in a child process, so that a crash of the library becomes an error. */
async function tryInstall(folder: string): Promise<string> {
  const program =
    "require('util').isNullOrUndefined ??= (value) => value == null;" +
    "const tf = require('@tensorflow/tfjs-node-gpu');" +
    'const [sum] = tf.matMul(tf.ones([1, 8]), tf.ones([8, 1])).dataSync();' +
    'if (sum !== 8) throw new Error(`1 x 8 gave ${sum}`);' +
    'console.log(`TensorFlow ${tf.backend().binding.TF_Version}, on ${tf.backend().isUsingGpuDevice ? "a GPU" : "the CPU"}`);';
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: folder });
    return stdout.trim();
  } catch (error) {
    throw new OperatorError(`The installation does not work: ${messageOf(error)}`);
  }
}
