/** npm run doctor: describes the machine, the engines that run on it, and whether they agree. */

import { readdir, readFile } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config/config.ts';
import type { Engine } from '../src/embed/engine.ts';
import { findGpu } from '../src/embed/gpu.ts';
import { defaultModelFolder, loadModel } from '../src/embed/model.ts';
import { candidates } from '../src/embed/open-embedder.ts';
import { readInstall } from '../src/embed/tensorflow-install.ts';
import { messageOf, OperatorError } from '../src/util/errors.ts';
import { createPhotoDecoder } from '../src/photo/decode-photo.ts';
import { cosine, median } from './statistics.ts';
import { findLibraries } from './doctor/libraries.ts';
import { parseOptions } from './parse-options.ts';
import { runCommandLine } from './run-command-line.ts';

/** Processor features by which engines choose their code. */
const CPU_FLAGS = ['sse4_2', 'avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'asimd'];
const CUDA_LIBRARIES = [
  'libcuda.so.1',
  'libcudart.so.12',
  'libcublas.so.12',
  'libcudnn.so.9',
  'libcufft.so.11',
];
/** Engines agree if their vectors have at least this cosine. */
const AGREE = 0.9999;
const PHOTOS = 8;
const RUNS = 5;
/** Pictures in flight at once, at least. */
const TOGETHER = 8;

const USAGE = `Usage: npm run doctor

Describes this machine and tries every engine: how fast each is, and whether their vectors agree.`;

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

interface Tried {
  readonly label: string;
  readonly engine: string;
  readonly single: number;
  readonly batched: number;
  readonly together: number;
  readonly vectors: readonly Float32Array[];
}

async function run(args: string[]): Promise<number> {
  parseOptions({ args, options: {} });
  const config = readConfig();
  await describeMachine(config.tensorflowFolder);
  const model = await loadModel(config.modelFolder ?? (await defaultModelFolder(config.assetsFolder)));
  const pictures = await readPictures(config.assetsFolder, model.manifest.input.side);
  const { tensorflowFolder } = config;
  const all = (['auto', 'tensorflow'] as const).flatMap((engine) =>
    candidates({ engine, model, tensorflowFolder }),
  );

  console.log(
    `\nEngines (${model.manifest.name}, ${model.manifest.input.side} px, ${pictures.length} catalogue pictures)`,
  );
  const tried: Tried[] = [];
  for (const candidate of all) {
    const { label } = candidate;
    try {
      tried.push(await tryEngine(label, await candidate.create(), pictures));
    } catch (error) {
      line(label, `does not run: ${messageOf(error)}`);
    }
  }
  const [reference] = tried;
  if (!reference) throw new OperatorError('No engine runs here; npm ci brings one, see the reasons above.');
  let agree = true;
  for (const { label, engine, single, batched, together, vectors } of tried) {
    const closest = Math.min(...vectors.map((vector, n) => cosine(vector, reference.vectors[n]!)));
    agree &&= closest >= AGREE;
    const speed = `${single.toFixed(1)} ms alone, ${batched.toFixed(1)} ms each of ${together} at once`;
    const relation = label === reference.label ? 'the reference' : `cosine at least ${closest.toFixed(6)}`;
    line(label, `${engine}, ${speed}, ${relation}`);
  }
  console.log(
    `\nENGINE=auto takes ${reference.label}${config.engine === 'auto' ? '' : `; ENGINE is set to ${config.engine}`}.`,
  );
  if (!agree)
    console.log(
      `The engines do not agree (cosine under ${AGREE}): please report this with all of the above.`,
    );
  return agree ? 0 : 1;
}

async function describeMachine(tensorflowFolder: string): Promise<void> {
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const gpu = await findGpu();
  const install = await readInstall(tensorflowFolder);
  const libraries = await findLibraries(CUDA_LIBRARIES, tensorflowFolder);
  console.log('Machine');
  line('node', `${process.version} on ${process.platform} ${process.arch}`);
  line('processor', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`);
  line('its extensions', (await cpuFlags()).join(' ') || 'unknown');
  line('memory', `${gigabytes(totalmem())}, ${gigabytes(freemem())} free`);
  if (typeof gpu === 'string') {
    line('GPU', gpu);
  } else {
    line(
      'GPU',
      `${gpu.name}, compute capability ${gpu.computeCapability}, ${gigabytes(gpu.memory.free)} free`,
    );
    line('driver', gpu.driver);
  }
  for (const { name, place } of libraries) line(name, place ?? 'not found');
  line(
    'TensorFlow',
    install
      ? `${install.tensorflow} for the ${install.gpu ? 'GPU' : 'CPU'}, in ${tensorflowFolder}`
      : 'not installed (npm run setup:tensorflow)',
  );
}

async function tryEngine(label: string, engine: Engine, pictures: readonly Uint8Array[]): Promise<Tried> {
  try {
    const vectors: Float32Array[] = [];
    for (const picture of pictures) vectors.push((await engine.run([picture]))[0]!.embedding);
    const together = Math.max(TOGETHER, engine.maxBatch);
    const full = Array.from({ length: together }, (_, n) => pictures[n % pictures.length]!);
    // As in the embedder: spread over all workers, in batches of the engine's size.
    const length = Math.min(engine.maxBatch, Math.ceil(together / engine.parallelism));
    const time = async (batch: readonly Uint8Array[]): Promise<number> => {
      const starts = Array.from({ length: Math.ceil(batch.length / length) }, (_, n) => n * length);
      const started = performance.now();
      await Promise.all(starts.map((start) => engine.run(batch.slice(start, start + length))));
      return (performance.now() - started) / batch.length;
    };
    const measure = async (batch: readonly Uint8Array[]): Promise<number> => {
      const times: number[] = [];
      for (let n = 0; n < RUNS; n++) times.push(await time(batch));
      return median(times);
    };
    const single = await measure(pictures.slice(0, 1));
    const batched = await measure(full);
    return {
      label,
      engine: `${engine.name} on ${engine.device}`,
      single,
      batched,
      together,
      vectors,
    };
  } finally {
    await engine.close();
  }
}

async function readPictures(assetsFolder: string, side: number): Promise<Uint8Array[]> {
  const folder = join(assetsFolder, 'demo-inventory', 'images');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const decoder = createPhotoDecoder();
  return Promise.all(
    names.slice(0, PHOTOS).map(async (name) => decoder.decode(await readFile(join(folder, name)), { side })),
  );
}

/** On Linux only; empty elsewhere. */
async function cpuFlags(): Promise<string[]> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/));
  return CPU_FLAGS.filter((flag) => flags.has(flag));
}

function line(name: string, value: string): void {
  console.log(`  ${name.padEnd(18)} ${value}`);
}
