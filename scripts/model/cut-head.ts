/** Removes everything after the pooling of a network, so that its output is the pooled features. */

import type { OnnxModel, OnnxNode } from '../../src/embed/onnx-file.ts';
import { OperatorError } from '../../src/util/errors.ts';

/** How the last feature maps become one vector. `maximum` is what the research prototype does. */
export type Pooling = 'average' | 'maximum';

export interface Headless {
  readonly model: OnnxModel;
  /** Name of the output: pooled features at unit length, `[n, dimension]`. */
  readonly output: string;
  readonly dimension: number;
}

const POOLED = 'features.pooled';
const OUTPUT = 'features.length-one';

/** @throws {OperatorError} when the network has no global average pooling after a convolution. */
export function cutHead(source: OnnxModel, pooling: Pooling): Headless {
  const at = source.nodes.findLastIndex(({ operator }) => operator === 'GlobalAveragePool');
  const pool = source.nodes[at];
  if (!pool) {
    throw new OperatorError(
      'The model has no GlobalAveragePool after which its head could be removed. ' +
        'Expected a convolutional network such as ResNet50 or EfficientNet, exported with its classifier.',
    );
  }
  const last = source.nodes.slice(0, at).findLast(({ operator }) => operator === 'Conv');
  const kernel =
    source.nodes.find(({ outputs }) => outputs[0] === last?.inputs[1])?.inputs[0] ?? last?.inputs[1];
  const dimension = source.initialisers.get(kernel ?? '')?.dims[0] ?? 0;
  if (dimension === 0) throw new OperatorError('The model has no convolution before its pooling.');
  const nodes = [
    ...source.nodes.slice(0, at),
    { ...pool, operator: pooling === 'maximum' ? 'GlobalMaxPool' : pool.operator },
    axisNode('Flatten', pool.outputs[0] ?? '', POOLED),
    axisNode('LpNormalization', POOLED, OUTPUT),
  ];
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const model = {
    ...source,
    nodes,
    initialisers: new Map([...source.initialisers].filter(([name]) => read.has(name))),
    outputs: [{ name: OUTPUT, dims: ['n', dimension] }],
  };
  return { model, output: OUTPUT, dimension };
}

/** A node of an operator with one input, along axis 1. */
export function axisNode(operator: string, input: string, output: string): OnnxNode {
  return {
    name: output,
    operator,
    domain: '',
    inputs: [input],
    outputs: [output],
    attributes: new Map([['axis', { kind: 'int', value: 1 } as const]]),
  };
}
