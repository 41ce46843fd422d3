/** Builds small ONNX models in code, with weights from a seed, and runs them in onnxruntime to compare with. */

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type OnnxAttribute, type OnnxModel, type OnnxNode, writeOnnx } from '../../src/embed/onnx-file.ts';
import type { OnnxTensor } from '../../src/embed/onnx-tensor.ts';
import { createRandom } from '../photo/photo-files.ts';

type AttributeValue = number | string | readonly number[] | { readonly float: number };

export interface OnnxBuilder {
  /** Adds a node and returns the name of its output. */
  node(operator: string, inputs: readonly string[], attributes?: Record<string, AttributeValue>): string;
  /** Adds an initialiser of normal numbers times `scale`, plus `shift`. */
  weight(dims: readonly number[], scale?: number, shift?: number): string;
  floats(dims: readonly number[], values: readonly number[]): string;
  integers(values: readonly number[]): string;
  build(output: string, inputDims: readonly (number | string)[], opset?: number): OnnxModel;
}

export function onnxBuilder(seed = 1): OnnxBuilder {
  const normal = normalNumbers(seed);
  const nodes: OnnxNode[] = [];
  const initialisers = new Map<string, OnnxTensor>();
  const add = (tensor: OnnxTensor): string => {
    const name = `w${initialisers.size}`;
    initialisers.set(name, tensor);
    return name;
  };
  return {
    node(operator, inputs, attributes = {}) {
      const name = `${operator}${nodes.length}`;
      const entries = Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)] as const);
      nodes.push({ name, operator, domain: '', inputs, outputs: [name], attributes: new Map(entries) });
      return name;
    },
    weight(dims, scale = 1, shift = 0) {
      const size = dims.reduce((product, length) => product * length, 1);
      return add({
        dims,
        stored: 'float',
        data: Float32Array.from({ length: size }, () => normal() * scale + shift),
      });
    },
    floats: (dims, values) => add({ dims, stored: 'float', data: Float32Array.from(values) }),
    integers: (values) => add({ dims: [values.length], stored: 'int64', data: Int32Array.from(values) }),
    build: (output, inputDims, opset = 17) => ({
      name: 'test',
      opset,
      producer: 'test',
      inputs: [{ name: 'x', dims: inputDims }],
      outputs: [{ name: output, dims: [] }],
      nodes,
      initialisers,
    }),
  };
}

/** Normally distributed numbers, the same for the same seed. */
export function normalNumbers(seed: number): () => number {
  const random = createRandom(seed);
  return () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
}

/** The first output, in ONNX's order. */
export async function runInOnnxruntime(
  model: OnnxModel,
  x: Float32Array,
  dims: readonly number[],
): Promise<{ data: Float32Array; dims: readonly number[] }> {
  const session = await InferenceSession.create(writeOnnx(model), { logSeverityLevel: 4 });
  const results = await session.run({ x: new Tensor('float32', x, dims) });
  const { data, dims: outDims } = Object.values(results)[0]!;
  await session.release();
  return { data: Float32Array.from(data as Float32Array), dims: outDims };
}

// --- Internal helpers ---

function attributeOf(value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (Array.isArray(value)) return { kind: 'ints', value: value as readonly number[] };
  return { kind: 'float', value: (value as { float: number }).float };
}
