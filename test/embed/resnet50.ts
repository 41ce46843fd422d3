/** ResNets as torchvision exports them (batch normalisation kept, 224 px), with random weights, because no trained ones are available. */

import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import { onnxBuilder } from './build-onnx.ts';

/** Inner channels and number of blocks of a stage. */
interface Stage {
  readonly inside: number;
  readonly blocks: number;
}

/** Input `x` [n, 3, 224, 224], output: 2048 pooled features at unit length. */
export function resnet50(seed = 1): OnnxModel {
  const stages = [
    { inside: 64, blocks: 3 },
    { inside: 128, blocks: 4 },
    { inside: 256, blocks: 6 },
    { inside: 512, blocks: 3 },
  ];
  return resnet(stages, seed);
}

/** As ResNet50, with one block in each of its four stages and a quarter of the channels: output of 512 features. */
export function smallResnet(seed = 1): OnnxModel {
  return resnet(
    [16, 32, 64, 128].map((inside) => ({ inside, blocks: 1 })),
    seed,
  );
}

// --- Internal helpers ---

function resnet(stages: readonly Stage[], seed: number): OnnxModel {
  const builder = onnxBuilder(seed);
  const layer = (x: string, from: number, to: number, kernel: number, stride: number): string => {
    const edge = (kernel - 1) / 2;
    const weight = builder.weight([to, from, kernel, kernel], Math.sqrt(2 / (from * kernel ** 2)));
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [edge, edge, edge, edge],
    };
    const conv = builder.node('Conv', [x, weight], attributes);
    const scale = builder.weight([to], 0.1, 1);
    const [offset, mean] = [builder.weight([to], 0.1), builder.weight([to], 0.1)];
    return builder.node('BatchNormalization', [conv, scale, offset, mean, builder.weight([to], 0.05, 1)], {
      epsilon: { float: 1e-5 },
    });
  };
  const relu = (x: string): string => builder.node('Relu', [x]);

  let x = relu(layer('x', 3, 64, 7, 2));
  x = builder.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  stages.forEach(({ inside, blocks }, stage) => {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const start = block === 0 ? layer(x, channels, inside * 4, 1, stride) : x;
      const end = layer(
        relu(layer(relu(layer(x, channels, inside, 1, 1)), inside, inside, 3, stride)),
        inside,
        inside * 4,
        1,
        1,
      );
      x = relu(builder.node('Add', [end, start]));
      channels = inside * 4;
    }
  });
  const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [x])], { axis: 1 });
  return builder.build(builder.node('LpNormalization', [pooled], { axis: 1 }), ['n', 3, 224, 224]);
}
