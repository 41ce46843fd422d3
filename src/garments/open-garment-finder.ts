/** Opens the finder of garments that ships, or another one. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseEngine } from '../embed/choose-engine.ts';
import { createOnnxEngine } from '../embed/onnx-engine.ts';
import { OperatorError, systemReason } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { loadFinder } from './finder-model.ts';
import { createGarmentFinder, type GarmentFinder } from './garment-finder.ts';

export interface OpenGarmentFinderOptions {
  /** Undefined: the finder that ships. */
  readonly folder: string | undefined;
  /** Absolute path of `assets/`. */
  readonly assetsFolder: string;
  readonly logger: Logger;
}

/**
 * The finder runs on onnxruntime whatever runs the embedding, because TensorFlow allows one network a process.
 * @returns undefined when the finder cannot be used; the reason is logged, and photos are then answered as a whole.
 */
export async function openGarmentFinder({
  folder,
  assetsFolder,
  logger,
}: OpenGarmentFinderOptions): Promise<GarmentFinder | undefined> {
  try {
    const model = await loadFinder(folder ?? (await defaultFinderFolder(assetsFolder)));
    const { engine } = await chooseEngine(
      (['cuda', 'cpu'] as const).map((provider) => ({
        label: `onnx on ${provider}`,
        create: () => createOnnxEngine({ model: model.runnable, provider, logger }),
      })),
    );
    const { name, version } = model.manifest;
    logger.debug({ model: name, version, device: engine.device }, 'garments are found in photos');
    return createGarmentFinder({ engine, model });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    logger.warn({ reason: error.message }, 'garments are not found: photos are answered as a whole');
    return undefined;
  }
}

/** The folder of the finder that ships. Its name is in `models/default-finder` below the assets folder. */
export async function defaultFinderFolder(assetsFolder: string): Promise<string> {
  const models = join(assetsFolder, 'models');
  const name = await readFile(join(models, 'default-finder'), 'utf8').catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read which finder is the default, ${join(models, 'default-finder')}: ${systemReason(error)}. Set FINDER_DIR to the folder of a finder.`,
    );
  });
  return join(models, name.trim());
}
