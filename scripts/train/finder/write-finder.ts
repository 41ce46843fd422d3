/** The folder that a training of the finder gives: model.onnx, manifest.json, MODEL_CARD.md, training.json. */

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model } from '../../../src/embed/model.ts';
import { type OnnxModel, writeOnnx } from '../../../src/embed/onnx-file.ts';
import type { FinderManifest } from '../../../src/garments/finder-model.ts';
import { GARMENT_KINDS, PIXEL_CLASSES, PRESENCES } from '../../../src/garments/garment-kinds.ts';
import { nextVersion } from '../../model/write-variant.ts';
import { FINDER_OUTPUTS } from './finder-graph.ts';
import type { FinderRun } from './run-finder-training.ts';
import { RAW_CALIBRATION } from './validate-finder.ts';

export interface WriteFinderOptions {
  readonly folder: string;
  readonly name: string;
  /** Whose backbone it began with. */
  readonly base: Model;
  /** The finder that it went on with, if any. */
  readonly before?: { readonly manifest: FinderManifest; readonly folder: string } | undefined;
  readonly model: OnnxModel;
  /** Pixels of the side of the squares that it sees. */
  readonly side: number;
  readonly run: FinderRun;
  readonly steps: number;
  /** Of `steps`, the one whose weights the model has. */
  readonly bestStep: number;
  /** Everything that was chosen, for training.json. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const NOT_YET = 'nothing yet: npm run evaluate -- finder --calibrate';

/** What a finder says of itself before `npm run evaluate -- finder --calibrate` has measured it. */
const UNCALIBRATED: FinderManifest['calibration'] = {
  garment: RAW_CALIBRATION,
  garmentFrom: 0.5,
  product: { bias: 0, presence: 1, share: 0, best: 0 },
  productFrom: 0.5,
  derivedFrom: NOT_YET,
};

export async function writeFinder(options: WriteFinderOptions): Promise<void> {
  const { folder, name, base, before, model, side, run, steps, bestStep, settings } = options;
  await mkdir(folder, { recursive: true });
  const bytes = writeOnnx(model);
  await writeFile(join(folder, 'model.onnx'), bytes);
  const { manifest: begun } = before ?? base;
  const from = `${begun.name} ${begun.version} (${begun.sha256})`;
  const trained = before?.manifest.provenance.trained;
  const manifest: FinderManifest = {
    name,
    version: before?.manifest.name === name ? nextVersion(before.manifest.version) : '1.0.0',
    file: 'model.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    input: { ...base.manifest.input, side },
    output: { row: FINDER_OUTPUTS.row },
    classes: [...PIXEL_CLASSES],
    presences: [...PRESENCES],
    calibration: { ...(before?.manifest.calibration ?? UNCALIBRATED), derivedFrom: NOT_YET },
    provenance: {
      ...base.manifest.provenance,
      head: 'feature pyramid at strides 32 to 4, trained',
      data: 'clothing-co-parsing (Apache-2.0) without its validation part; products of Fashion Product Images',
      trained: [
        ...(Array.isArray(trained) ? (trained as unknown[]) : []),
        { from, by: `npm run train -- --task finder, ${steps} steps` },
      ],
    },
    licence: base.manifest.licence,
  };
  await writeJson(join(folder, 'manifest.json'), manifest);
  const { seconds, history } = run;
  const log = before && (await readFile(join(before.folder, 'training.json'), 'utf8').catch(() => undefined));
  await writeJson(join(folder, 'training.json'), {
    settings,
    steps,
    bestStep,
    seconds,
    history,
    ...(log !== undefined && { before: JSON.parse(log) as unknown }),
  });
  await writeFile(join(folder, 'MODEL_CARD.md'), card(options, from));
  await copyFile(join(dirname(base.weightsPath), 'LICENSE'), join(folder, 'LICENSE')).catch(() => undefined);
}

// --- Internal helpers ---

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

function card(
  { name, base, before, side, run, steps, bestStep, settings }: WriteFinderOptions,
  from: string,
): string {
  const best = run.history.find(({ step }) => step === bestStep);
  const scores = [best?.meanOverlap, best?.precision, best?.recall].map((score) => (score ?? NaN).toFixed(3));
  return `# ${name}

Finds the garments of a photo: for each cell of ${side / 4} by ${side / 4}, how probable each of ${GARMENT_KINDS.length} kinds is (${GARMENT_KINDS.join(', ')}), and whether each of them, or any product, is in the photo at all.

| | |
| --- | --- |
| begins with | ${before ? '' : 'the backbone of '}${from} |
| trained by | \`npm run train -- --task finder\`: ${steps} steps, ${Math.round(run.seconds / 60)} minutes |
| trained on | clothing-co-parsing, 670 street photos with a label a pixel, without the photos of the validation part (by a hash of their number); products on white of Fashion Product Images |
| settings | \`${JSON.stringify(settings)}\` |
| licence | ${base.manifest.licence}, as the backbone and the photos; the products' pictures are not in it |

Validation while training, at step ${bestStep}, whose weights these are (photos that training never saw, before anything is calibrated and without the mirrored photo):

| mean overlap of 11 classes | precision of boxes | recall of boxes |
| --- | --- | --- |
| ${scores.join(' | ')} |

How well it finds is measured by \`npm run evaluate -- finder\`.
`;
}
