/** Measures a training step, and if a Python is given the same step in PyTorch. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../../src/config/config.ts';
import { loadModel } from '../../src/embed/model.ts';
import { hasCode, messageOf, OperatorError, systemReason } from '../../src/util/errors.ts';
import { readOnnx } from '../../src/embed/onnx-file.ts';
import { loadRuntime } from '../../src/embed/tensorflow-native.ts';
import { setTensorflowVariables } from '../../src/embed/tensorflow-variables.ts';
import { median } from '../statistics.ts';
import {
  classesOf,
  HEAD_NAMES,
  type HeadName,
  LABEL_WEIGHTS,
  labelTriplesOf,
  readLabelledItems,
} from '../train/labelled-items.ts';
import { useNativeGradients } from '../train/native-gradients.ts';
import { createRandom } from '../train/random.ts';
import { createTrainer, type Trainer, type TrainingBatch } from '../train/trainer.ts';
import { atMost, type Figure } from './figures.ts';

/** Two thirds of the blocks of EfficientNet-Lite2 are trained. */
const MODEL = 'assets/models/efficientnet-lite2';
const FROZEN_UNTIL = 'block7.project';
const [SIDE, BATCH] = [128, 64];
/** Only our step learns words of titles and averages the weights; the step in PyTorch does not. */
const WORDS = 500;
/** Both steps are measured in turns, so that other load on the machine affects both. */
const [ROUNDS, STEPS] = [3, 8];
/** Highest ratio of our step to the one in PyTorch. */
const LARGEST_RATIO = 1.4;

/** The output of training_step.py: seconds of each step by memory format. */
interface PytorchSteps {
  readonly torch: string;
  readonly threads: number;
  readonly seconds: Readonly<Record<string, readonly number[]>>;
}

/** @throws {OperatorError} when TensorFlow is missing, the Python lacks a package, or TensorFlow runs on a GPU, which cannot be compared. */
export async function measureTraining({
  inventory,
  python,
}: {
  readonly inventory: string;
  readonly python: string | undefined;
}): Promise<Figure[]> {
  if (python !== undefined) await checkPython(python);
  const model = await loadModel(resolve(MODEL));
  const items = await readLabelledItems(inventory);
  const classes = classesOf(items);
  const labelTriples = labelTriplesOf(items).names;
  const counts = [...HEAD_NAMES.map((head) => classes[head].length), labelTriples.length];

  setTensorflowVariables();
  const { tf, device } = await loadRuntime(readConfig().tensorflowFolder);
  useNativeGradients(tf);
  if (python !== undefined && device !== 'cpu')
    throw new OperatorError(
      `TensorFlow runs on ${device}, but the step in PyTorch runs on the CPU, so they cannot be compared.`,
    );
  const trainer = createTrainer({
    tf,
    model: readOnnx(await readFile(model.weightsPath), model.weightsPath),
    input: model.manifest.input,
    embedding: model.manifest.output.embedding,
    dimension: model.manifest.dimension,
    frozenUntil: FROZEN_UNTIL,
    classes,
    labelTriples,
    wordCount: WORDS,
    labelWeights: LABEL_WEIGHTS,
    seed: 1,
  });
  const own: number[] = [];
  const other: Record<string, number[]> = {};
  let torch = '';
  try {
    timeSteps(trainer, counts, 2);
    for (let round = 0; round < ROUNDS; round++) {
      own.push(...timeSteps(trainer, counts, STEPS));
      if (python === undefined) continue;
      const steps = await pytorchSteps(python, model.weightsPath, counts);
      torch = `PyTorch ${steps.torch}, ${steps.threads} threads`;
      for (const [format, seconds] of Object.entries(steps.seconds)) (other[format] ??= []).push(...seconds);
    }
  } finally {
    trainer.dispose();
  }
  const step = median(own);
  console.error(
    `A step of ${BATCH} x 2 pictures at ${SIDE} px on ${device} takes ${step.toFixed(2)} s (median of ${own.length}).`,
  );
  if (python === undefined) {
    console.error(
      'There is no comparison with PyTorch: name a Python with torch, onnx and numpy with --python.',
    );
    return [];
  }
  const formats = Object.entries(other).map(([format, seconds]) => ({ format, seconds: median(seconds) }));
  for (const { format, seconds } of formats) console.error(`${torch}, ${format}: ${seconds.toFixed(2)} s`);
  return formats.map(({ format, seconds }) =>
    atMost(
      `a training step compared with ${torch}, ${format}`,
      step / seconds,
      LARGEST_RATIO,
      'times as long',
      'npm run benchmark -- training --python PYTHON',
    ),
  );
}

// --- Internal helpers ---

/** @returns the seconds of each step. */
function timeSteps(trainer: Trainer, counts: readonly number[], steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => {
    const random = createRandom(step);
    const pixels = Uint8Array.from({ length: 2 * BATCH * SIDE * SIDE * 3 }, () => random.below(256));
    const classOf = (count: number) => Int32Array.from({ length: BATCH }, () => random.below(count));
    const batch: TrainingBatch = {
      pixels,
      targets: Object.fromEntries(HEAD_NAMES.map((head, index) => [head, classOf(counts[index]!)])) as Record<
        HeadName,
        Int32Array
      >,
      labelTriples: classOf(counts.at(-1)!),
      words: Array.from({ length: BATCH }, () =>
        Uint16Array.from({ length: 6 }, (_, n) => n * 50 + random.below(50)),
      ),
    };
    const started = performance.now();
    trainer.train(batch, step, 1e-4);
    trainer.average();
    return (performance.now() - started) / 1000;
  });
}

async function checkPython(python: string): Promise<void> {
  await promisify(execFile)(python, ['-c', 'import torch, onnx, numpy']).catch((error: unknown) => {
    const reason = hasCode(error, 'ENOENT')
      ? systemReason(error)
      : messageOf(error).trim().split('\n').at(-1);
    throw new OperatorError(
      `--python: expected a Python with torch, onnx and numpy, got ${python}: ${reason}.`,
    );
  });
}

async function pytorchSteps(python: string, model: string, counts: readonly number[]): Promise<PytorchSteps> {
  const script = resolve('scripts/benchmark/training_step.py');
  const args = [script, model, FROZEN_UNTIL, SIDE, BATCH, STEPS, counts.join()].map(String);
  const { stdout } = await promisify(execFile)(python, args);
  return JSON.parse(stdout) as PytorchSteps;
}
