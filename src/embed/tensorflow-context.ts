/** What an operator needs to become a step of a network: its node, attributes, constants and weights. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { OperatorError } from '../util/errors.ts';
import type { OnnxModel, OnnxNode } from './onnx-file.ts';
import type { OnnxTensor } from './onnx-tensor.ts';
import type { Layout, Weight } from './tensorflow-layout.ts';

export type Tf = typeof tfjs;

/** Gives an operator access to its node while the network is built. */
export interface NodeContext {
  readonly tf: Tf;
  readonly node: OnnxNode;
  readonly opset: number;
  /** The value of a constant input; undefined when the input is computed or left out. */
  constant(input: number): OnnxTensor | undefined;
  /**
   * Adds the initialiser of an input to the network's weights.
   * @param statistic training must not change it (a mean or variance of batch normalisation).
   */
  weight(input: number, layout: Layout, statistic?: boolean): () => tfjs.Tensor;
  number(attribute: string, fallback: number): number;
  numbers(attribute: string, fallback: readonly number[]): readonly number[];
  text(attribute: string, fallback: string): string;
  /** @param what the unsupported use of the operator. @throws {OperatorError} naming the node. */
  refuse(what: string): never;
}

/** Computes the output of a node. In `inputs`, constant inputs are undefined. */
export type Step = (inputs: readonly (tfjs.Tensor | undefined)[]) => tfjs.Tensor;

/** A step that uses only its first input, which must be computed. */
export function only(step: (x: tfjs.Tensor) => tfjs.Tensor): Step {
  return ([x]) => {
    if (!x)
      throw new OperatorError('An operator of the model has a constant where a computed input was expected.');
    return step(x);
  };
}

/** A constant value, and the initialiser that it comes from. */
export interface Constant {
  readonly source: string;
  readonly tensor: OnnxTensor;
}

export type AddWeight = (constant: Constant, layout: Layout, statistic: boolean) => Weight;

/** The constants of a model by name: initialisers, their casts and copies, and `Constant` nodes. */
export function foldConstants(model: OnnxModel): Map<string, Constant> {
  const constants = new Map<string, Constant>();
  for (const [name, tensor] of model.initialisers) constants.set(name, { source: name, tensor });
  for (const { operator, inputs, outputs, attributes } of model.nodes) {
    const [output = ''] = outputs;
    const input = constants.get(inputs[0] ?? '');
    if ((operator === 'Cast' || operator === 'Identity') && input) constants.set(output, input);
    const value = attributes.get('value');
    if (operator === 'Constant' && value?.kind === 'tensor') {
      constants.set(output, { source: output, tensor: value.value });
    }
  }
  return constants;
}

/** @param addWeight turns a constant into a weight, or returns the weight that it already is. */
export function contextOf(
  tf: Tf,
  opset: number,
  node: OnnxNode,
  constants: ReadonlyMap<string, Constant>,
  addWeight: AddWeight,
): NodeContext {
  const refuse = (what: string): never => {
    throw new OperatorError(
      `The TensorFlow engine does not support ${node.operator} with ${what} (node "${node.name}" of the model). ` +
        'ENGINE=onnx runs every model.',
    );
  };
  const constant = (input: number): Constant | undefined => constants.get(node.inputs[input] ?? '');
  return {
    tf,
    node,
    opset,
    refuse,
    constant: (input) => constant(input)?.tensor,
    weight(input, layout, statistic = false) {
      const found = constant(input) ?? refuse(`a computed input ${input}`);
      const weight = addWeight(found, layout, statistic);
      if (weight.layout.kind !== layout.kind)
        refuse(`"${found.source}", which another operator reads differently`);
      return () => weight.variable;
    },
    number(name, fallback) {
      const found = node.attributes.get(name);
      return found?.kind === 'float' || found?.kind === 'int' ? found.value : fallback;
    },
    numbers(name, fallback) {
      const found = node.attributes.get(name);
      return found?.kind === 'ints' ? found.value : fallback;
    },
    text(name, fallback) {
      const found = node.attributes.get(name);
      return found?.kind === 'string' ? found.value : fallback;
    },
  };
}
