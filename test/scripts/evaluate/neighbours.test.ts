import { describe, expect, it } from 'vitest';
import { confusionPicture } from '../../../scripts/evaluate/confusion-picture.ts';
import { headlessModel } from '../../../scripts/evaluate/headless-model.ts';
import { nearestRows, precisionOf, similarityOf } from '../../../scripts/evaluate/neighbours.ts';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxEngine } from '../../../src/embed/onnx-engine.ts';
import { noise } from '../../contracts/engine.ts';
import { shippedModel } from '../../shipped-model.ts';

/** Directions in a plane, in degrees, as unit vectors of four numbers. */
const rows = (...degrees: number[]) => ({
  vectors: Float32Array.from(
    degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180), 0, 0]),
  ),
  dimension: 4,
});

describe('evaluation', () => {
  it('finds the nearest rows in order, never the query itself', () => {
    const index = rows(0, 50, 10, 20, 180);
    expect([...nearestRows(index, rows(0, 180), 3, (query) => [0, 4][query]!)]).toEqual([2, 3, 1, 1, 3, 2]);
    expect([...nearestRows(index, rows(1), 2, () => -1)]).toEqual([0, 2]);
  });

  it('compares embeddings of any dimension', () => {
    const index = { vectors: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), dimension: 3 };
    const query = { vectors: Float32Array.of(0, 0.6, 0.8), dimension: 3 };
    expect([...nearestRows(index, query, 3, () => -1)]).toEqual([2, 1, 0]);
    expect(similarityOf(index, 2, query, 0)).toBeCloseTo(0.8, 6);
    expect(similarityOf(index, 1, query, 0)).toBeCloseTo(0.6, 6);
  });

  it('counts the share of right neighbours and of queries with at least one, leaving out queries without an answer', () => {
    const neighbours = Int32Array.of(0, 1, 2, 3, 4, 4);
    const right = (query: number) => (query === 1 ? undefined : (row: number) => row === 0 || row === 1);
    expect(precisionOf(neighbours, 2, right)).toEqual({ precision: 0.5, recall: 0.5, queries: 2 });
  });

  it('draws a confusion matrix of the classes that occur', () => {
    const picture = confusionPicture({
      classes: ['Bags & belts', 'Caps', 'None'],
      counts: Uint32Array.of(3, 1, 0, 0, 2, 0, 0, 0, 0),
    });
    expect(picture).toContain('Bags &amp; belts (4)');
    expect(picture).toContain('rgba(255,114,92,0.250)');
    expect(picture).not.toContain('None');
  });

  it('removes the head of a model, with either pooling', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headless-'));
    const pixels = noise(shippedModel.manifest.input.side ** 2 * 3, 1);
    const vectors: Float32Array[] = [];
    for (const pooling of ['average', 'maximum'] as const) {
      const model = await headlessModel(shippedModel, pooling, folder);
      expect(model.manifest.dimension).toBe(1280);
      const engine = await createOnnxEngine({ model, provider: 'cpu', workers: 1 });
      vectors.push((await engine.run([pixels]))[0]!.embedding);
      await engine.close();
    }
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    expect([...vectors[0]!]).not.toEqual([...vectors[1]!]);
  });
});
