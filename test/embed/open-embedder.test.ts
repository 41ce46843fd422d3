import { describe, expect, it } from 'vitest';
import { candidates } from '../../src/embed/open-embedder.ts';
import { shippedModel } from '../shipped-model.ts';

const labels = (engine: 'auto' | 'tensorflow' | 'onnx'): string[] =>
  candidates({ engine, model: shippedModel, tensorflowFolder: '/nowhere' }).map(({ label }) => label);

describe('the order in which engines are tried', () => {
  it('prefers TensorFlow on a GPU, then onnxruntime on CUDA, then onnxruntime on the CPU', () => {
    expect(labels('auto')).toEqual(['tensorflow on gpu', 'onnx on cuda', 'onnx on cpu']);
  });

  it('tries only the engines that the operator has chosen', () => {
    expect(labels('onnx')).toEqual(['onnx on cuda', 'onnx on cpu']);
    expect(labels('tensorflow')).toEqual(['tensorflow']);
  });
});
