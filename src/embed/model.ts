/** A model on disk: `manifest.json` owns everything that the product may know about it. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperatorError, systemReason } from '../errors.ts';

const unit = z.number().min(-1).max(1);
const rgb = z.tuple([z.number(), z.number(), z.number()]);

/** Labels that a model may be trained to tell. */
export const LABEL_HEAD_NAMES = ['type', 'colour', 'gender', 'usage', 'season'] as const;
export type LabelHeadName = (typeof LABEL_HEAD_NAMES)[number];

const labelHead = z.object({
  /** Name of the graph's output `[n, classes]`; the initialiser `OUTPUT.weight` is what embeddings are multiplied with. */
  output: z.string().min(1),
  classes: z.array(z.string().min(1)).min(2),
  /** Of the softmax, fitted to pictures that training did not see (Guo et al., On Calibration of Modern Neural Networks). */
  temperature: z.number().positive(),
});

export const manifestSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  /** The weights, beside the manifest. */
  file: z.string().min(1),
  /** SHA-256 of that file, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** What sits on the backbone, for example `pca-256`. */
  head: z.string().min(1),
  dimension: z.int().positive(),
  input: z.object({
    /** Name of the graph's input, float32 `[n, 3, side, side]`, `(x / 255 - mean) / std`. */
    name: z.string().min(1),
    side: z.int().min(16).max(1024),
    /** `squash`: the whole photo is stretched to the square. */
    resize: z.literal('squash'),
    /** Per channel R, G, B, in units of 0 to 1. */
    mean: rgb,
    std: rgb,
  }),
  /** Name of the graph's output, float32 `[n, dimension]`, L2-normalised. */
  output: z.object({ embedding: z.string().min(1) }),
  /** Classifiers of a model that was trained to tell labels. */
  labels: z.partialRecord(z.enum(LABEL_HEAD_NAMES), labelHead).optional(),
  /** Cosine bands, each derived from data as `derivedFrom` says. */
  similarity: z.object({
    /** A best match under this cosine is called weak. */
    weakBelow: unit,
    /** From this cosine on, two items are one product shown twice. */
    duplicateFrom: unit,
    /** In falling order; the last one catches everything. */
    words: z.array(z.object({ from: unit, word: z.string().min(1) })).min(1),
    derivedFrom: z.string().min(1),
  }),
  provenance: z.record(z.string(), z.unknown()),
  licence: z.string().min(1),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type InputSpec = Manifest['input'];

/**
 * What must be equal for two embeddings to be comparable. Which engine computed them is not part of it:
 * engines agree within a cosine of 0.999 (a parity test holds them to it).
 */
export interface ModelPassport {
  readonly model: string;
  readonly version: string;
  readonly head: string;
  readonly dimension: number;
  /** Digest of the weights, SHA-256, hex. */
  readonly weights: string;
  /** Side, resize rule, mean and deviation, as one line. */
  readonly preprocessing: string;
}

export interface Model {
  readonly manifest: Manifest;
  readonly passport: ModelPassport;
  /** Absolute path of the checked weights. */
  readonly weightsPath: string;
}

/** What an engine needs to know of a model, whatever it computes. */
export interface RunnableModel {
  /** Absolute path of the checked weights. */
  readonly weightsPath: string;
  /** `output.embedding` names what a run gives, `dimension` how many numbers that is for one picture. */
  readonly manifest: Pick<Manifest, 'input' | 'output' | 'dimension'>;
}

/**
 * Reads a model folder and checks its weights against the manifest.
 * @throws {OperatorError} when the manifest is missing or wrong, or the weights are not the ones it names.
 */
export async function loadModel(folder: string): Promise<Model> {
  const manifest = await readManifest(join(folder, 'manifest.json'));
  const weightsPath = join(folder, manifest.file);
  const weights = await readFile(weightsPath).catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read the model's weights ${weightsPath}: ${systemReason(error)}. Restore the file.`,
    );
  });
  const digest = createHash('sha256').update(weights).digest('hex');
  if (digest !== manifest.sha256) {
    throw new OperatorError(
      `${weightsPath} is not the file that its manifest describes: expected SHA-256 ${manifest.sha256}, got ${digest}. ` +
        'Restore both files from the same release.',
    );
  }
  return { manifest, passport: passportOf(manifest), weightsPath };
}

/** The folder of the model that ships: `models/default` below the assets folder holds its name. */
export async function defaultModelFolder(assetsFolder: string): Promise<string> {
  const models = join(assetsFolder, 'models');
  const name = await readFile(join(models, 'default'), 'utf8').catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read which model is the default, ${join(models, 'default')}: ${systemReason(error)}. Set MODEL_DIR to a model folder.`,
    );
  });
  return join(models, name.trim());
}

export function passportOf(manifest: Manifest): ModelPassport {
  const { side, resize, mean, std } = manifest.input;
  return {
    model: manifest.name,
    version: manifest.version,
    head: manifest.head,
    dimension: manifest.dimension,
    weights: manifest.sha256,
    preprocessing: `${resize} ${side} mean ${mean.join(',')} std ${std.join(',')}`,
  };
}

/** A short stable name of a passport (16 hex digits of the SHA-256 of its canonical JSON), used as a cache key. */
export function passportDigest(passport: ModelPassport): string {
  return createHash('sha256')
    .update(JSON.stringify(sortedEntries(passport)))
    .digest('hex')
    .slice(0, 16);
}

/** The members in which two passports differ, as `name: expected -> got`; empty when they are the same. */
export function passportDifferences(expected: ModelPassport, got: ModelPassport): string[] {
  const other = new Map(sortedEntries(got));
  return sortedEntries(expected)
    .filter(([name, value]) => other.get(name) !== value)
    .map(([name, value]) => `${name}: ${String(value)} -> ${String(other.get(name))}`);
}

// --- Internal helpers ---

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read the model manifest ${path}: ${systemReason(error)}. ` +
        'Name a model folder: one with a manifest.json and the weights that it names.',
    );
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new OperatorError(`The model manifest ${path} is not valid:\n${reason}`);
  }
}

function sortedEntries(passport: ModelPassport): [string, string | number][] {
  return Object.entries(passport).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, string | number][];
}
