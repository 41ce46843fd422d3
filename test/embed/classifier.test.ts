import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClassifier } from '../../src/embed/classifier.ts';
import { type LabelHead, readLabelHeads } from '../../src/embed/label-heads.ts';
import { loadModel } from '../../src/embed/model.ts';
import { writeOnnx } from '../../src/embed/onnx-file.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { onnxBuilder } from './build-onnx.ts';
import { shippedModel } from '../shipped-model.ts';

const head: LabelHead = {
  label: 'colour',
  classes: ['Red', 'Green', 'Blue'],
  // Rows are numbers of the embedding, columns are classes.
  weights: Float32Array.from([4, 1, 0, 0, 2, 3]),
  temperature: 1,
};
const softmax = (scores: number[], n: number): number =>
  Math.exp(scores[n]!) / scores.reduce((sum, score) => sum + Math.exp(score), 0);

describe('a classifier', () => {
  it('predicts the class with the highest score, with its softmax probability', () => {
    const { colour } = createClassifier([head]).classify(Float32Array.from([0.6, 0.8]));
    expect(colour?.value).toBe('Red');
    expect(colour?.probability).toBeCloseTo(softmax([2.4, 2.2, 2.4], 0), 5);
  });

  it('predicts the same class with a lower probability at a higher temperature', () => {
    const { colour } = createClassifier([{ ...head, temperature: 2 }]).classify(Float32Array.from([0, 1]));
    expect(colour?.value).toBe('Blue');
    expect(colour?.probability).toBeCloseTo(softmax([0, 1, 1.5], 2), 5);
  });

  it('refuses an embedding of another length', () => {
    expect(() => createClassifier([head]).classify(new Float32Array(3))).toThrow(RangeError);
  });

  it('predicts nothing without heads', () => {
    expect(createClassifier([]).classify(new Float32Array(2))).toEqual({});
  });
});

describe('the heads of a model', () => {
  /** The shipped manifest over a small file with these weights. */
  async function folderWith(weights: Float32Array, labels: unknown): Promise<string> {
    const builder = onnxBuilder();
    const built = builder.build(builder.node('Relu', ['x']), ['n', 2]);
    const initialisers = new Map([
      ['label.colour.weight', { dims: [2, weights.length / 2], stored: 'float' as const, data: weights }],
    ]);
    const bytes = writeOnnx({ ...built, initialisers });
    const folder = await mkdtemp(join(tmpdir(), 'heads-'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(folder, 'model.onnx'), bytes);
    await writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify({ ...shippedModel.manifest, file: 'model.onnx', sha256, dimension: 2, labels }),
    );
    return folder;
  }

  const colour = { output: 'label.colour', classes: head.classes, temperature: 1.5 };

  it('are read by their names in the manifest', async () => {
    const model = await loadModel(await folderWith(head.weights, { colour }));
    expect(await readLabelHeads(model)).toEqual([{ ...head, temperature: 1.5 }]);
  });

  it('are empty for a model without classifiers', async () => {
    const model = await loadModel(await folderWith(head.weights, undefined));
    expect(await readLabelHeads(model)).toEqual([]);
  });

  it('are refused when the weights do not fit the manifest', async () => {
    const model = await loadModel(await folderWith(new Float32Array(4), { colour }));
    await expect(readLabelHeads(model)).rejects.toThrow(OperatorError);
    await expect(readLabelHeads(model)).rejects.toThrow('2x3 numbers');
  });
});
