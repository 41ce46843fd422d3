/** What an operator of a network gets to know of its node, and what it becomes. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { OperatorError } from '../errors.ts';
import type { OnnxNode, OnnxTensor } from './onnx-file.ts';
import type { Layout } from './tensorflow-layout.ts';

export type Tf = typeof tfjs;

/** What an operator may know about its node while the network is put together. */
export interface NodeContext {
  readonly tf: Tf;
  readonly node: OnnxNode;
  readonly opset: number;
  /** The value of an input that never changes; undefined when it is computed or left out. */
  constant(input: number): OnnxTensor | undefined;
  /**
   * Makes an initialiser a weight of the network.
   * @param statistic it is no subject of training (a mean or variance that batch normalisation has gathered).
   */
  weight(input: number, layout: Layout, statistic?: boolean): () => tfjs.Tensor;
  number(attribute: string, fallback: number): number;
  numbers(attribute: string, fallback: readonly number[]): readonly number[];
  text(attribute: string, fallback: string): string;
  /** @throws {OperatorError} naming the node. */
  refuse(what: string): never;
}

/** `inputs` are the computed ones by position; constants are undefined there. */
export type Step = (inputs: readonly (tfjs.Tensor | undefined)[]) => tfjs.Tensor;

/** A step on the first input, which must be computed. */
export function only(step: (x: tfjs.Tensor) => tfjs.Tensor): Step {
  return ([x]) => {
    if (!x)
      throw new OperatorError('An operator of the model has a constant where a computed input was expected.');
    return step(x);
  };
}
