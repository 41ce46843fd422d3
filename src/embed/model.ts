/** A model on disk: everything that the product may know about it is in `manifest.json`. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperatorError, systemReason } from '../util/errors.ts';

const unit = z.number().min(-1).max(1);
const rgb = z.tuple([z.number(), z.number(), z.number()]);

/** Labels that a model may have a classifier for. */
export const LABEL_HEAD_NAMES = ['type', 'colour', 'gender', 'usage', 'season'] as const;
export type LabelHeadName = (typeof LABEL_HEAD_NAMES)[number];

const labelHead = z.object({
  /** Name of the graph's output `[n, classes]`. The initialiser `OUTPUT.weight` is the classifier's matrix. */
  output: z.string().min(1),
  classes: z.array(z.string().min(1)).min(2),
  /** Temperature of the softmax, fitted to pictures that training did not see (Guo et al., On Calibration of Modern Neural Networks). */
  temperature: z.number().positive(),
});

export const manifestSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  /** File name of the weights, in the same folder. */
  file: z.string().min(1),
  /** SHA-256 of that file, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The layers after the backbone, for example `pca-256`. */
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
  /** Classifiers, if the model has any. */
  labels: z.partialRecord(z.enum(LABEL_HEAD_NAMES), labelHead).optional(),
  /** Cosine thresholds; `derivedFrom` says from which data. */
  similarity: z.object({
    /** A best match below this cosine is called weak. */
    weakBelow: unit,
    /** The same for a best match of the kind of garment that the photo shows. Default: `weakBelow`. */
    weakBelowOfSameKind: unit.optional(),
    /** Two items with at least this cosine count as the same product. */
    duplicateFrom: unit,
    /** In descending order; the last one applies to every lower cosine. */
    words: z.array(z.object({ from: unit, word: z.string().min(1) })).min(1),
    derivedFrom: z.string().min(1),
  }),
  provenance: z.record(z.string(), z.unknown()),
  licence: z.string().min(1),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type InputSpec = Manifest['input'];

/**
 * Two embeddings are comparable only if these values are equal. The engine that computed them is not included:
 * engines agree within a cosine of 0.999 (a parity test checks this).
 */
export interface ModelFingerprint {
  readonly model: string;
  readonly version: string;
  readonly head: string;
  readonly dimension: number;
  /** SHA-256 of the weights, hex. */
  readonly weights: string;
  /** Resize rule, side, mean and standard deviation, as one line. */
  readonly preprocessing: string;
}

export interface Model {
  readonly manifest: Manifest;
  readonly fingerprint: ModelFingerprint;
  /** Absolute path of the weights, whose digest was checked. */
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
 * @throws {OperatorError} when the manifest is missing or invalid, or the weights have another digest.
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
  return { manifest, fingerprint: fingerprintOf(manifest), weightsPath };
}

/** The folder of the model that ships. Its name is in `models/default` below the assets folder. */
export async function defaultModelFolder(assetsFolder: string): Promise<string> {
  const models = join(assetsFolder, 'models');
  const name = await readFile(join(models, 'default'), 'utf8').catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read which model is the default, ${join(models, 'default')}: ${systemReason(error)}. Set MODEL_DIR to a model folder.`,
    );
  });
  return join(models, name.trim());
}

export function fingerprintOf(manifest: Manifest): ModelFingerprint {
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

/** A short stable name of a fingerprint, used as a cache key: 16 hex digits of the SHA-256 of its canonical JSON. */
export function fingerprintDigest(fingerprint: ModelFingerprint): string {
  return createHash('sha256')
    .update(JSON.stringify(sortedEntries(fingerprint)))
    .digest('hex')
    .slice(0, 16);
}

/** The values in which two fingerprints differ, as `name: expected -> got`; empty when they are equal. */
export function fingerprintDifferences(expected: ModelFingerprint, got: ModelFingerprint): string[] {
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

function sortedEntries(fingerprint: ModelFingerprint): [string, string | number][] {
  return Object.entries(fingerprint).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, string | number][];
}
