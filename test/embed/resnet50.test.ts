import { expect, it } from 'vitest';
import { createNetwork } from '../../src/embed/tensorflow-network.ts';
import { cosine } from '../../scripts/statistics.ts';
import { normalNumbers, runInOnnxruntime } from './build-onnx.ts';
import { resnet50 } from './resnet50.ts';
import { loadRuntime } from './wasm-runtime.ts';

it('computes the same vector as onnxruntime for a ResNet50 with random weights', async () => {
  const { tf } = await loadRuntime();
  const model = resnet50();
  const side = 224;
  const planes = Float32Array.from({ length: 3 * side * side }, normalNumbers(2));
  const network = createNetwork({ tf, model });
  const weights = [...network.weights.values()].reduce((sum, { variable }) => sum + variable.size, 0);
  expect(weights).toBe(23_508_032 + 53_120); // torchvision's 23,508,032 without its classifier, and the statistics
  const result = tf.tidy(
    () => network.run(tf.transpose(tf.tensor(planes, [1, 3, side, side]), [0, 2, 3, 1]))[0]!,
  );
  const expected = await runInOnnxruntime(model, planes, [1, 3, side, side]);
  expect(expected.dims).toEqual([1, 2048]);
  expect(cosine(Float32Array.from(await result.data<'float32'>()), expected.data)).toBeGreaterThan(0.9999);
  network.dispose();
}, 180_000);
