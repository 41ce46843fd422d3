/** The folder that a training gives: model.onnx, manifest.json, MODEL_CARD.md, training.json, training.svg. */

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model } from '../../src/embed/model.ts';
import { type OnnxModel, writeOnnx } from '../../src/embed/onnx-file.ts';
import { bandsFromBefore, nextVersion } from '../model/write-variant.ts';
import { plotRun } from './curves.ts';
import { type Classes, HEAD_NAMES } from './labelled-items.ts';
import type { TrainingRun } from './run-training.ts';

/** What training.json holds: a run, and in `before` the one that gave what it began with, back to the first. */
interface TrainingLog extends Pick<TrainingRun, 'seconds' | 'history'> {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** Of the weights that were kept; older logs do not know it. */
  readonly bestStep?: number;
  readonly before?: TrainingLog;
}

export interface WriteModelOptions {
  readonly folder: string;
  readonly name: string;
  /** What was trained further. */
  readonly base: Model;
  readonly model: OnnxModel;
  readonly dimension: number;
  readonly classes: Classes;
  readonly run: TrainingRun;
  readonly steps: number;
  /** Of `steps`, the one whose weights the model has. */
  readonly bestStep: number;
  readonly stepsAnEpoch: number;
  /** Everything that was chosen, for training.json. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Similarity bands are those of the base: they must be derived anew before the model ships, and the manifest says so. */
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
  const log: TrainingLog = { settings, steps, bestStep, seconds, history, ...(before && { before }) };
  await writeJson(join(folder, 'training.json'), log);
  await writeFile(join(folder, 'training.svg'), plotRun({ history: wholeHistory(log) }, stepsAnEpoch));
  await writeFile(join(folder, 'MODEL_CARD.md'), card(options));
  await copyFile(join(baseFolder, 'LICENSE'), join(folder, 'LICENSE')).catch(() => undefined);
}

// --- Internal helpers ---

/** Undefined for a model that was not trained here. */
async function readLog(folder: string): Promise<TrainingLog | undefined> {
  const text = await readFile(join(folder, 'training.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TrainingLog);
}

/** Of all runs, with steps counted from the first one on. */
function wholeHistory({ before, history }: TrainingLog): TrainingRun['history'] {
  if (!before) return history;
  const earlier = stepsOf(before);
  return [...wholeHistory(before), ...history.map((entry) => ({ ...entry, step: entry.step + earlier }))];
}

function stepsOf({ steps, before }: TrainingLog): number {
  return steps + (before ? stepsOf(before) : 0);
}

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

${base.manifest.name} trained further to tell fashion items apart: a unit vector of ${dimension} numbers, and ${HEAD_NAMES.length} cosine classifiers on it.

| | |
| --- | --- |
| trained by | \`npm run train\`: ${steps} steps, ${(steps / stepsAnEpoch).toFixed(1)} epochs, ${Math.round(run.seconds / 60)} minutes |
| settings | \`${JSON.stringify(settings)}\` |
| licence | ${base.manifest.licence} |

Validation while training (catalogue pictures of products that training never saw; at step ${bestStep}, whose weights these are, ![by epoch](training.svg)):

| label | classes | accuracy | macro F1 |
| --- | --- | --- | --- |
${rows.join('\n')}

How well it searches is measured by \`npm run evaluate\`.
`;
}
