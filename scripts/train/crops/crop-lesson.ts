/** What crops of outfits teach in a step, beside the model before, which keeps what is known from being lost. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxModel } from '../../../src/embed/onnx-file.ts';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';
import { createNetwork } from '../../../src/embed/tensorflow-network.ts';
import type { Classes } from '../labelled-items.ts';
import { multiHot } from '../title-words.ts';
import type { CropStepTargets } from './crop-step-losses.ts';

export interface CropLessonOptions {
  readonly tf: Tf;
  /** The model before training. */
  readonly model: OnnxModel;
  /** Name of its embedding. */
  readonly embedding: string;
  /** The value that features are. */
  readonly frozenUntil: string;
  /** Classes of its own classifiers. */
  readonly learned: Partial<Classes>;
  /** Classes of the run. */
  readonly classes: Classes;
  /** By which the model's scores of colours become probabilities. */
  readonly colourTemperature: number;
}

export interface CropLesson {
  /**
   * @param catalogue features of the catalogue views, as the frozen blocks compute them, `[m, height, width, channels]`.
   * @param crops those of the crops, `[n, height, width, channels]`.
   * @param types the types that are right for each crop, as classes of the head of types.
   */
  targets(catalogue: tfjs.Tensor, crops: tfjs.Tensor, types: readonly (readonly number[])[]): CropStepTargets;
  dispose(): void;
}

const COLOURS = 'label.colour';

export function createCropLesson(options: CropLessonOptions): CropLesson {
  const { tf, model, embedding, frozenUntil, learned, classes, colourTemperature } = options;
  // Its scores are of use only where they are of the same colours as the run's.
  const knowsColours = classes.colour.length > 0 && learned.colour?.join('\n') === classes.colour.join('\n');
  const outputs = knowsColours ? [embedding, COLOURS] : [embedding];
  const before = createNetwork({ tf, model, input: frozenUntil, outputs });
  return {
    targets(catalogue, crops, types) {
      const items = catalogue.shape[0];
      const [embeddings, scores] = before.run(tf.concat([catalogue, crops], 0)) as tfjs.Tensor2D[];
      const ofCrops = scores && tf.slice(scores, [items, 0]);
      return {
        sets: tf.tensor2d(multiHot(types, classes.type.length), [types.length, classes.type.length]),
        colours: ofCrops && tf.softmax<tfjs.Tensor2D>(tf.div(ofCrops, colourTemperature)),
        embeddings: tf.slice(embeddings!, [0, 0], [items, -1]),
      };
    },
    dispose() {
      before.dispose();
    },
  };
}
