/** The model before training, which keeps what is known from being lost while crops are learned. */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxModel } from '../../../src/embed/onnx-file.ts';
import type { Tf } from '../../../src/embed/tensorflow-context.ts';
import { createNetwork } from '../../../src/embed/tensorflow-network.ts';

export interface CropTeacherOptions {
  readonly tf: Tf;
  readonly model: OnnxModel;
  /** Name of the model's embedding. */
  readonly embedding: string;
  /** The value that `of` takes. */
  readonly frozenUntil: string;
  /** The temperature by which its scores of colours become probabilities; undefined: it tells no colours. */
  readonly colourTemperature?: number | undefined;
}

export interface CropTeacher {
  /**
   * @param features `[n, height, width, channels]` of pictures, as the frozen blocks compute them.
   * @returns unit vectors `[n, dimension]`, and probabilities of colours `[n, colours]`, if it tells any.
   */
  of(features: tfjs.Tensor): {
    readonly embeddings: tfjs.Tensor2D;
    readonly colours: tfjs.Tensor2D | undefined;
  };
  dispose(): void;
}

const COLOURS = 'label.colour';

export function createCropTeacher(options: CropTeacherOptions): CropTeacher {
  const { tf, model, embedding, frozenUntil, colourTemperature } = options;
  const outputs = colourTemperature === undefined ? [embedding] : [embedding, COLOURS];
  const network = createNetwork({ tf, model, input: frozenUntil, outputs });
  return {
    of(features) {
      const [embeddings, scores] = network.run(features);
      return {
        embeddings: embeddings as tfjs.Tensor2D,
        colours: scores && tf.softmax<tfjs.Tensor2D>(tf.div(scores, colourTemperature!)),
      };
    },
    dispose() {
      network.dispose();
    },
  };
}
