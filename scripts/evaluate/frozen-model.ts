/** A model without its head: unit-length pooled features of the backbone alone, to compare a trained head with. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, type Model } from '../../src/embed/model.ts';
import { type OnnxModel, readOnnx, writeOnnx } from '../../src/embed/onnx-file.ts';
import { OperatorError } from '../../src/errors.ts';

/** How the last feature maps become one vector. `maximum` is what the research prototype does. */
export type Pooling = 'average' | 'maximum';

const OUTPUT = 'features.unit.frozen';

/** Writes it below `folder` and loads it. @throws {OperatorError} when the model has no global average pooling. */
export async function frozenModel(base: Model, pooling: Pooling, folder: string): Promise<Model> {
  const source = readOnnx(await readFile(base.weightsPath), base.weightsPath);
  const { model, dimension } = withoutHead(source, pooling);
  const bytes = writeOnnx(model);
  const target = join(folder, `${base.manifest.name}-${pooling}`);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'model.onnx'), bytes);
  const manifest = {
    ...base.manifest,
    name: `${base.manifest.name}, ${pooling} pooling`,
    file: 'model.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    head: 'none',
    dimension,
    output: { embedding: OUTPUT },
  };
  await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest));
  return loadModel(target);
}

// --- Internal helpers ---

function withoutHead(source: OnnxModel, pooling: Pooling): { model: OnnxModel; dimension: number } {
  const at = source.nodes.findLastIndex(({ operator }) => operator === 'GlobalAveragePool');
  const pool = source.nodes[at];
  if (!pool)
    throw new OperatorError('The model has no GlobalAveragePool after which its head could be cut off.');
  const last = source.nodes.slice(0, at).findLast(({ operator }) => operator === 'Conv');
  const kernel =
    source.nodes.find(({ outputs }) => outputs[0] === last?.inputs[1])?.inputs[0] ?? last?.inputs[1];
  const dimension = source.initialisers.get(kernel ?? '')?.dims[0] ?? 0;
  const [pooled = ''] = pool.outputs;
  const node = (operator: string, input: string, output: string, axis: number) => ({
    name: output,
    operator,
    domain: '',
    inputs: [input],
    outputs: [output],
    attributes: new Map([['axis', { kind: 'int', value: axis } as const]]),
  });
  const model = {
    ...source,
    nodes: [
      ...source.nodes.slice(0, at),
      { ...pool, operator: pooling === 'maximum' ? 'GlobalMaxPool' : pool.operator },
      node('Flatten', pooled, 'features.frozen', 1),
      node('LpNormalization', 'features.frozen', OUTPUT, 1),
    ],
    outputs: [{ name: OUTPUT, dims: ['n', dimension] }],
  };
  return { model, dimension };
}
