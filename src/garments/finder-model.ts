/** A finder on disk: `manifest.json` owns everything that the product may know about it. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { manifestSchema, type RunnableModel } from '../embed/model.ts';
import { messageOf, OperatorError, systemReason } from '../util/errors.ts';
import { PIXEL_CLASSES, PRESENCES } from './garment-kinds.ts';

const weights = z.number();
const share = z.number().min(0).max(1);

export const finderManifestSchema = manifestSchema
  .pick({ name: true, version: true, file: true, sha256: true, input: true, provenance: true, licence: true })
  .extend({
    /** Name of the graph's output, float32 `[n, classes * cells + presences]`; a side of the maps is a fourth of the input's. */
    output: z.object({ row: z.string().min(1) }),
    /** The order of its maps, and of what it says of the whole photo. */
    classes: z.array(z.string()),
    presences: z.array(z.string()),
    /** Logistic regressions on photos that training did not see. */
    calibration: z.object({
      garment: z.object({ bias: weights, certainty: weights, presence: weights, size: weights }),
      /** A garment is shown from this probability on. */
      garmentFrom: share,
      product: z.object({ bias: weights, presence: weights, share: weights, best: weights }),
      /** A photo is of a product from this probability on. */
      productFrom: share,
      derivedFrom: z.string().min(1),
    }),
  });

export type FinderManifest = z.infer<typeof finderManifestSchema>;

export interface FinderModel extends Pick<RunnableModel, 'weightsPath'> {
  readonly manifest: FinderManifest;
  /** The same as engines want it. */
  readonly runnable: RunnableModel;
}

/** Pixels of the input for one cell of the maps, in both directions. */
export const CELL = 4;

/**
 * Reads a finder's folder and checks its weights against the manifest.
 * @throws {OperatorError} when the manifest is missing or wrong, is of a finder of other classes, or the weights are not the ones it names.
 */
export async function loadFinder(folder: string): Promise<FinderModel> {
  const path = join(folder, 'manifest.json');
  const manifest = await readFinderManifest(path);
  for (const [what, expected] of [
    ['classes', PIXEL_CLASSES],
    ['presences', PRESENCES],
  ] as const) {
    if (manifest[what].join() === expected.join()) continue;
    throw new OperatorError(
      `The finder ${path} is of another version: expected the ${what} ${expected.join(', ')}, got ${manifest[what].join(', ')}. ` +
        'Restore the folder from the same release, or train one: npm run train -- --task finder.',
    );
  }
  const weightsPath = join(folder, manifest.file);
  const bytes = await readFile(weightsPath).catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read the finder's weights ${weightsPath}: ${systemReason(error)}. Restore the file.`,
    );
  });
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== manifest.sha256) {
    throw new OperatorError(
      `${weightsPath} is not the file that its manifest describes: expected SHA-256 ${manifest.sha256}, got ${digest}. ` +
        'Restore both files from the same release.',
    );
  }
  return { manifest, weightsPath, runnable: { weightsPath, manifest: runnableManifest(manifest) } };
}

/** What a model that embeds would say of itself, so that the same engines run both. */
export function runnableManifest({ input, output }: FinderManifest): RunnableModel['manifest'] {
  const cells = (input.side / CELL) ** 2;
  return {
    input,
    output: { embedding: output.row },
    dimension: cells * PIXEL_CLASSES.length + PRESENCES.length,
  };
}

// --- Internal helpers ---

async function readFinderManifest(path: string): Promise<FinderManifest> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read the finder's manifest ${path}: ${systemReason(error)}. ` +
        'Name a finder folder: one with a manifest.json and the weights that it names.',
    );
  });
  try {
    return finderManifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new OperatorError(`The finder's manifest ${path} is not valid:\n${reason}`);
  }
}
