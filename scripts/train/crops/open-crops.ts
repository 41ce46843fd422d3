/** What a training needs to learn from crops of outfits: the garments of the training photos with a finder's boxes, and crops to validate with. */

import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import { createOnnxEngine } from '../../../src/embed/onnx-engine.ts';
import { type FinderModel, loadFinder } from '../../../src/garments/finder-model.ts';
import { createGarmentFinder } from '../../../src/garments/garment-finder.ts';
import { createPhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { openOutfitPhotos, splitOfPhoto } from '../finder/outfit-photos.ts';
import type { CropLoaderOptions } from './crop-loader.ts';
import { type TrainingGarment, trainingGarments } from './training-garments.ts';
import { type CropValidation, readCropValidation } from './validate-crops.ts';

export interface OpenCropsOptions {
  /** The folder with `outfit-photos.zip`. */
  readonly data: string;
  /** The finder whose boxes are learned beside the true ones. */
  readonly finder: string;
  /** Keeps what the finder has found, so that it looks at each photo once. */
  readonly folder: string;
  /** Of the crops to validate with, in pixels. */
  readonly side: number;
  /** Photos to validate with. */
  readonly validationPhotos: number;
}

export interface Crops extends Pick<CropLoaderOptions, 'photos' | 'names' | 'garments'> {
  readonly validation: CropValidation;
  /** Of the finder's weights. */
  readonly finder: string;
}

/** Labels are looked at in this size, which is fine enough for boxes. */
const SIZE = { width: 220, height: 330 };
/** Version of what is kept. Increase it with every change to `trainingGarments`. */
const VERSION = 2;

/** @throws {OperatorError} when there are no outfit photos or no finder. */
export async function openCrops(options: OpenCropsOptions): Promise<Crops> {
  const photos = join(options.data, 'outfit-photos.zip');
  const outfits = await openOutfitPhotos(photos);
  await outfits.close();
  const names = outfits.names.filter((name) => splitOfPhoto(name) === 'train');
  const finder = await loadFinder(options.finder);
  const { sha256 } = finder.manifest;
  const path = join(options.folder, 'garments.json');
  const key = JSON.stringify({ version: VERSION, finder: sha256, names });
  const known = existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Kept) : undefined;
  const garments = known?.key === key ? known.garments : await findTrainingGarments(photos, names, finder);
  if (known?.key !== key) {
    await mkdir(options.folder, { recursive: true });
    await writeFile(`${path}.partial`, JSON.stringify({ key, garments } satisfies Kept));
    await rename(`${path}.partial`, path);
  }
  return {
    photos,
    names,
    garments,
    validation: await readCropValidation(photos, options.side, options.validationPhotos),
    finder: sha256,
  };
}

// --- Internal helpers ---

interface Kept {
  readonly key: string;
  readonly garments: readonly TrainingGarment[];
}

async function findTrainingGarments(
  path: string,
  names: readonly string[],
  model: FinderModel,
): Promise<TrainingGarment[]> {
  const outfits = await openOutfitPhotos(path);
  const engine = await createOnnxEngine({ model: model.runnable, provider: 'cpu' });
  const finder = createGarmentFinder({ engine, model });
  const decoder = createPhotoDecoder();
  let [done, last] = [0, performance.now()];
  try {
    const garments = await pMap(
      names,
      async (name, photo) => {
        const { side } = model.manifest.input;
        const pixels = await decoder.decode(await outfits.bytes(name), { side }, { priority: 'bulk' });
        const found = await finder.find(pixels);
        done++;
        if (performance.now() - last > 10_000) {
          last = performance.now();
          console.error(`Finding garments: ${done} of ${names.length} photos.`);
        }
        return trainingGarments(
          photo,
          await outfits.labelled(name, SIZE),
          outfits.labels,
          found.garments.map(({ kind, box }) => ({ kind, box })),
        );
      },
      { concurrency: engine.parallelism },
    );
    return garments.flat();
  } finally {
    await Promise.all([finder.close(), outfits.close()]);
  }
}
