/** Writes the model folder that a training run produces: model.onnx, manifest.json, MODEL_CARD.md, training.json, training.svg. */

import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model } from '../../src/embed/model.ts';
import { type OnnxModel, writeOnnx } from '../../src/embed/onnx-file.ts';
import { bandsFromBefore, nextVersion } from '../model/write-variant.ts';
import { type Classes, HEAD_NAMES } from './labelled-items.ts';
import type { TrainingRun } from './run-training.ts';
import { readLog, writeLog } from './training-log.ts';

export interface WriteModelOptions {
  readonly folder: string;
  readonly name: string;
  /** The model that training started from. */
  readonly base: Model;
  readonly model: OnnxModel;
  readonly dimension: number;
  readonly classes: Classes;
  readonly run: TrainingRun;
  readonly steps: number;
  /** The step whose weights the model has. */
  readonly bestStep: number;
  readonly stepsAnEpoch: number;
  /** All settings of the run, for training.json. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The similarity thresholds are copied from the base. They must be derived again before the model ships, and the manifest says so. */
export async function writeModel(options: WriteModelOptions): Promise<void> {
  const { folder, name, base, model, dimension, classes, run, steps, bestStep, stepsAnEpoch, settings } =
    options;
  await mkdir(folder, { recursive: true });
  const bytes = writeOnnx(model);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { manifest } = base;
  const baseFolder = dirname(base.weightsPath);
  const before = await readLog(baseFolder);
  await writeFile(join(folder, 'model.onnx'), bytes);
  await writeJson(join(folder, 'manifest.json'), {
    ...manifest,
    name,
    version: before && name === manifest.name ? nextVersion(manifest.version) : '1.0.0',
    file: 'model.onnx',
    sha256,
    head: `trained-${dimension}`,
    dimension,
    labels: Object.fromEntries(
      HEAD_NAMES.filter((head) => classes[head].length > 0).map((head) => [
        head,
        { output: `label.${head}`, classes: classes[head], temperature: 1 },
      ]),
    ),
    similarity: bandsFromBefore(base, 'trained'),
    provenance: {
      ...manifest.provenance,
      head: `linear ${dimension}, trained`,
      trained: [
        ...(Array.isArray(manifest.provenance.trained) ? (manifest.provenance.trained as unknown[]) : []),
        {
          from: `${manifest.name} ${manifest.version} (${manifest.sha256})`,
          by: `npm run train, ${steps} steps`,
        },
      ],
    },
  });
  const { seconds, history } = run;
  await writeLog(folder, {
    settings,
    steps,
    bestStep,
    stepsAnEpoch,
    seconds,
    history,
    ...(before && { before }),
  });
  await writeFile(join(folder, 'MODEL_CARD.md'), card(options));
  await copyFile(join(baseFolder, 'LICENSE'), join(folder, 'LICENSE')).catch(() => undefined);
}

// --- Internal helpers ---

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

function card({
  name,
  base,
  dimension,
  classes,
  run,
  steps,
  bestStep,
  stepsAnEpoch,
  settings,
}: WriteModelOptions): string {
  const best = run.history.find(({ step }) => step === bestStep);
  const rows = HEAD_NAMES.map((head) => {
    const scores = best?.validation[head];
    return `| ${head} | ${classes[head].length} | ${(scores?.accuracy ?? NaN).toFixed(3)} | ${(scores?.macroF1 ?? NaN).toFixed(3)} |`;
  });
  return `# ${name}

${base.manifest.name}, fine-tuned to tell fashion items apart: a unit vector of ${dimension} numbers, and ${HEAD_NAMES.length} cosine classifiers on it.

| | |
| --- | --- |
| trained by | \`npm run train\`: ${steps} steps, ${(steps / stepsAnEpoch).toFixed(1)} epochs, ${Math.round(run.seconds / 60)} minutes |
| settings | \`${JSON.stringify(settings)}\` |
| licence | ${base.manifest.licence} |

Validation during training, on catalogue pictures of products that are not in the training set. The model has the weights of step ${bestStep}. ![by epoch](training.svg)

| label | classes | accuracy | macro F1 |
| --- | --- | --- | --- |
${rows.join('\n')}

\`npm run evaluate\` measures how well the model searches.
`;
}
