/** Builds a network of tfjs operations from an ONNX model, for inference and training. */

import type * as tfjs from '@tensorflow/tfjs-core';
import { OperatorError } from '../util/errors.ts';
import type { OnnxModel, OnnxNode } from './onnx-file.ts';
import {
  type Constant,
  contextOf,
  foldConstants,
  type NodeContext,
  type Step,
  type Tf,
} from './tensorflow-context.ts';
import { fromLayout, toLayout, type Weight } from './tensorflow-layout.ts';
import { activationOf, OPERATORS } from './tensorflow-operators.ts';
import { convolution } from './tensorflow-windows.ts';

export interface NetworkOptions {
  readonly tf: Tf;
  readonly model: OnnxModel;
  /** The value that `run` takes: an input of the model, or any value inside it to run only what follows. Default: the first input. */
  readonly input?: string;
  /** Values to compute: outputs of the model or values inside it. Default: the model's outputs. */
  readonly outputs?: readonly string[];
  /** Which initialisers training may change. Default: none. Statistics of batch normalisation are never trainable. */
  readonly trainable?: (initialiser: string) => boolean;
}

export interface Network {
  /** The weights that the outputs need, by initialiser. */
  readonly weights: ReadonlyMap<string, Weight>;
  /**
   * Returns the outputs in order. Pictures are `[n, height, width, channels]`, in inputs too.
   * With `training`, all intermediate values are kept for the gradients; otherwise each is disposed after its last use.
   * The caller disposes the outputs.
   */
  run(input: tfjs.Tensor, options?: { readonly training?: boolean }): tfjs.Tensor[];
  /** The numbers of a weight in the order of the file. */
  exportWeight(name: string): Float32Array;
  dispose(): void;
}

interface PlannedStep {
  readonly step: Step;
  readonly inputs: readonly string[];
  readonly output: string;
}

/** @throws {OperatorError} naming all unsupported operators, or an unsupported use of an operator. */
export function createNetwork(options: NetworkOptions): Network {
  const { tf, model, trainable = () => false } = options;
  const inputName = options.input ?? model.inputs[0]?.name ?? '';
  const outputs = options.outputs ?? model.outputs.map(({ name }) => name);
  const constants = foldConstants(model);
  const nodes = neededNodes(model, inputName, outputs, constants);
  refuseUnknown(nodes);

  const weights = new Map<string, Weight>();
  try {
    const steps = planSteps(nodes, outputs, (node) =>
      contextOf(tf, model.opset, node, constants, (constant, layout, statistic) => {
        const { source, tensor } = constant;
        const known = weights.get(source);
        if (known) return known;
        const values = tf.tidy(() => toLayout(tf, tensor, layout));
        const weight = {
          name: source,
          variable: tf.variable(values, !statistic && trainable(source)),
          layout,
          dims: tensor.dims,
        };
        values.dispose();
        weights.set(source, weight);
        return weight;
      }),
    );
    const uses = countUses(steps, outputs);

    return {
      weights,

      run(input, { training = false } = {}) {
        return tf.tidy(() => {
          const values = new Map<string, tfjs.Tensor>([[inputName, input]]);
          const left = new Map(uses);
          for (const { step, inputs, output } of steps) {
            values.set(output, step(inputs.map((name) => values.get(name))));
            if (training) continue;
            for (const name of inputs) {
              const count = (left.get(name) ?? 0) - 1;
              left.set(name, count);
              if (count === 0 && name !== inputName) values.get(name)?.dispose();
            }
          }
          return outputs.map((name) => values.get(name)!);
        });
      },

      exportWeight(name) {
        const weight = weights.get(name);
        if (!weight) throw new RangeError(`The network has no weight "${name}".`);
        return tf.tidy(() =>
          Float32Array.from(fromLayout(tf, weight.variable, weight.layout, weight.dims).dataSync()),
        );
      },

      dispose() {
        for (const { variable } of weights.values()) variable.dispose();
        weights.clear();
      },
    };
  } catch (error) {
    for (const { variable } of weights.values()) variable.dispose();
    throw error;
  }
}

// --- Internal helpers ---

/** The nodes between the input and the outputs, in the file's order. */
function neededNodes(
  model: OnnxModel,
  input: string,
  outputs: readonly string[],
  constants: ReadonlyMap<string, Constant>,
): OnnxNode[] {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const needed = new Set<OnnxNode>();
  const wanted = [...outputs];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (name === '' || name === input || constants.has(name)) continue;
    const node = producers.get(name);
    if (!node)
      throw new OperatorError(`The model needs "${name}", which neither its file nor "${input}" gives.`);
    if (needed.has(node)) continue;
    needed.add(node);
    wanted.push(...node.inputs);
  }
  return model.nodes.filter((node) => needed.has(node));
}

function refuseUnknown(nodes: readonly OnnxNode[]): void {
  const unknown = nodes.filter(
    ({ operator, domain }) => domain !== '' || !Object.hasOwn(OPERATORS, operator),
  );
  if (unknown.length === 0) return;
  const names = new Set(
    unknown.map(({ operator, domain }) => (domain === '' ? operator : `${domain}.${operator}`)),
  );
  throw new OperatorError(
    `The TensorFlow engine has no operator ${[...names].join(', ')}, which the model uses. ` +
      `It has ${Object.keys(OPERATORS).join(', ')}. ENGINE=onnx runs every model.`,
  );
}

/** An activation that is the only reader of a convolution becomes part of it. */
function planSteps(
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
  context: (node: OnnxNode) => NodeContext,
): PlannedStep[] {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  const fused = new Set<OnnxNode>();
  const steps: PlannedStep[] = [];
  for (const node of nodes) {
    if (fused.has(node)) continue;
    const [output = ''] = node.outputs;
    const [reader, ...others] = readers.get(output) ?? [];
    if (node.operator === 'Conv') {
      const activation =
        reader && others.length === 0 && !outputs.includes(output)
          ? activationOf(context(reader))
          : undefined;
      if (activation && reader) fused.add(reader);
      steps.push({
        step: convolution(context(node), activation ?? 'linear'),
        inputs: node.inputs.slice(0, 1),
        output: activation ? (reader?.outputs[0] ?? '') : output,
      });
    } else {
      const step = OPERATORS[node.operator]?.(context(node));
      if (step) steps.push({ step, inputs: node.inputs, output });
    }
  }
  return steps;
}

/** How often each value is read. An output counts one more time, so that it is never disposed. */
function countUses(steps: readonly PlannedStep[], outputs: readonly string[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of [...steps.flatMap(({ inputs }) => inputs), ...outputs]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}
