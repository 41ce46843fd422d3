/** Makes a model folder from an image classifier that was trained elsewhere, such as ResNet50. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputSpec } from '../../src/embed/model.ts';
import { type OnnxModel, readOnnx, writeOnnx } from '../../src/embed/onnx-file.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { createRandom } from '../train/random.ts';
import { axisNode, cutHead } from './cut-head.ts';
import { similarityWords } from './similarity-words.ts';

export interface ImportOptions {
  /** The network, with or without its classifier. */
  readonly file: string;
  /** The new model's folder; must not hold a model yet. */
  readonly folder: string;
  readonly name: string;
  /** Side of the input squares in pixels. Default: as in the file. */
  readonly side?: number | undefined;
  /** Default: the values of ImageNet, which torchvision and the ONNX model zoo use. */
  readonly mean?: InputSpec['mean'] | undefined;
  readonly std?: InputSpec['std'] | undefined;
  /** Dimension of the embedding. Default 256. */
  readonly dimension?: number | undefined;
  /** Seed of the random head. Default 1. */
  readonly seed?: number | undefined;
  readonly licence: string;
}

/** The values of ImageNet for R, G and B, in units of 0 to 1. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * Replaces the classifier by a head of random directions, which nearly preserve cosines (Johnson and Lindenstrauss),
 * until `npm run train` learns better ones.
 * @throws {OperatorError} when the file is not a suitable network, or the folder holds a model already.
 */
export async function importModel(options: ImportOptions): Promise<{ readonly side: number }> {
  const { file, folder, name, licence, dimension = 256, seed = 1 } = options;
  const bytes = await readFile(file).catch(() => {
    throw new OperatorError(`Cannot read ${file}. Name an ONNX file.`);
  });
  const source = readOnnx(bytes, file);
  const [input, ...others] = source.inputs;
  if (!input || others.length > 0) {
    throw new OperatorError(`${file} has ${source.inputs.length} inputs; expected one, for pictures.`);
  }
  const side = options.side ?? sideOf(input.dims, file);
  const headless = cutHead(source, 'average');
  const model = withHead(headless.model, headless, dimension, seed);
  const weights = writeOnnx(model);
  await mkdir(folder, { recursive: true });
  const write = (path: string, content: string | Uint8Array): Promise<void> =>
    writeFile(join(folder, path), content, { flag: 'wx' }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new OperatorError(`${folder} holds a model already. Name another folder with --out.`);
    });
  await write('model.onnx', weights);
  const manifest = {
    name,
    version: '1.0.0',
    file: 'model.onnx',
    sha256: createHash('sha256').update(weights).digest('hex'),
    head: `random-${dimension}`,
    dimension,
    input: {
      name: input.name,
      side,
      resize: 'squash',
      mean: options.mean ?? IMAGENET.mean,
      std: options.std ?? IMAGENET.std,
    },
    output: { embedding: 'embedding' },
    similarity: {
      weakBelow: 0.5,
      duplicateFrom: 0.999,
      words: similarityWords({
        nearlyIdentical: 0.999,
        verySimilar: 0.8,
        similar: 0.5,
        looselySimilar: 0.25,
      }),
      derivedFrom: 'Not derived yet. Do it with: npm run evaluate -- --model FOLDER --calibrate',
    },
    provenance: {
      importedFrom: `SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`,
      head: `${dimension} random directions (seed ${seed}) of the ${headless.dimension} pooled features`,
    },
    licence,
  };
  await write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  return { side };
}

// --- Internal helpers ---

function sideOf(dims: readonly (number | string)[], file: string): number {
  const [, channels, height, width] = dims;
  if (channels === 3 && typeof height === 'number' && height === width) return height;
  throw new OperatorError(
    `${file} takes pictures of ${dims.join('x')}; expected n x 3 x SIDE x SIDE. Name the side with --side.`,
  );
}

function withHead(
  model: OnnxModel,
  { output, dimension: features }: { readonly output: string; readonly dimension: number },
  dimension: number,
  seed: number,
): OnnxModel {
  const random = createRandom(seed, 0x4ead);
  const data = Float32Array.from({ length: dimension * features }, () =>
    random.normal(1 / Math.sqrt(dimension)),
  );
  return {
    ...model,
    initialisers: new Map([
      ...model.initialisers,
      ['head.weight', { dims: [dimension, features], stored: 'float', data }],
      ['head.bias', { dims: [dimension], stored: 'float', data: new Float32Array(dimension) }],
    ]),
    nodes: [
      ...model.nodes,
      {
        name: 'head',
        operator: 'Gemm',
        domain: '',
        inputs: [output, 'head.weight', 'head.bias'],
        outputs: ['head'],
        attributes: new Map([['transB', { kind: 'int', value: 1 } as const]]),
      },
      axisNode('LpNormalization', 'head', 'embedding'),
    ],
    outputs: [{ name: 'embedding', dims: ['n', dimension] }],
  };
}
