/** Fits the classifiers of a model to the training pictures, and writes the resulting model. */

import { readFile } from 'node:fs/promises';
import { readConfig } from '../../src/config/config.ts';
import type { Model } from '../../src/embed/model.ts';
import { readOnnx } from '../../src/embed/onnx-file.ts';
import { openEmbedder } from '../../src/embed/open-embedder.ts';
import { loadRuntime } from '../../src/embed/tensorflow-native.ts';
import { setTensorflowVariables } from '../../src/embed/tensorflow-variables.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { createProgress } from '../progress.ts';
import { type Classes, HEAD_NAMES, readLabelledItems, splitOf, targetsOf } from '../train/labelled-items.ts';
import { openItemPictures } from '../train/pictures-of-items.ts';
import { embedBothWays, fitClassifiers } from './fit-classifiers.ts';
import {
  madeBy,
  namedWithDigest,
  nextVersion,
  refuseModelIn,
  uncalibrated,
  writeVariant,
} from './write-variant.ts';

export interface RefitOptions {
  readonly model: Model;
  /** The small edition of the data set, a zip. */
  readonly small: string;
  /** The new model's folder. */
  readonly folder: string;
}

/** @throws {OperatorError} when the folder holds a model already, the model has no classifiers, or TensorFlow is not installed. */
export async function refitModel({ model, small, folder }: RefitOptions): Promise<void> {
  const { labels = {}, output, dimension, name, version } = model.manifest;
  await refuseModelIn(folder);
  const classes = Object.fromEntries(
    HEAD_NAMES.map((head) => [head, labels[head]?.classes ?? []]),
  ) as unknown as Classes;
  if (HEAD_NAMES.every((head) => classes[head].length === 0))
    throw new OperatorError(`${name} has no classifiers to fit. npm run train adds classifiers to a model.`);
  const config = readConfig();
  setTensorflowVariables();
  const { tf } = await loadRuntime(config.tensorflowFolder);
  const items = (await readLabelledItems(small)).filter(({ title }) => splitOf(title) === 'train');
  const pictures = await openItemPictures({ large: [], small });
  const embedder = await openEmbedder({
    model,
    engine: 'onnx',
    tensorflowFolder: config.tensorflowFolder,
    logger: createLogger('warn'),
  });
  const progress = createProgress();
  try {
    console.error(`Embedding ${items.length} training pictures twice: as items and as photos.`);
    const vectors = await embedBothWays(
      items.map(
        ({ id }) =>
          () =>
            pictures.smallBytes(id),
      ),
      {
        embedder,
        decoder: createPhotoDecoder(),
        onProgress: (done, total) => {
          progress.update({ phase: 'embed', done, total });
        },
      },
    );
    progress.stop();
    const targets = targetsOf(
      items.flatMap((item) => [item, item]),
      classes,
    );
    const fitted = fitClassifiers({
      tf,
      model: readOnnx(await readFile(model.weightsPath), model.weightsPath),
      embedding: output.embedding,
      dimension,
      classes,
      vectors,
      targets,
      onEpoch: (epoch, loss) => {
        console.error(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}`);
      },
    });
    const provenance = madeBy(model, namedWithDigest(model), 'npm run model -- fit');
    // The similarity thresholds stay valid, because the embeddings do not change.
    const change = { version: nextVersion(version), labels: uncalibrated(labels), provenance };
    await writeVariant(model, fitted, change, folder);
  } finally {
    progress.stop();
    await embedder.close();
    await pictures.close();
  }
}
