import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readOnnx, readOnnxWeights, writeOnnx } from '../../src/embed/onnx-file.ts';
import { ModelProto } from '../../src/embed/onnx-schema.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { shippedModel } from '../shipped-model.ts';
import { onnxBuilder, runInOnnxruntime } from './build-onnx.ts';

describe('ONNX files', () => {
  it('are read and written back without loss, half-precision weights included', async () => {
    const bytes = await readFile(shippedModel.weightsPath);
    const model = readOnnx(bytes);
    expect(model.inputs).toEqual([{ name: 'pixels', dims: ['n', 3, 'side', 'side'] }]);
    expect(model.initialisers.get('stem.weight.half')).toMatchObject({
      dims: [32, 3, 3, 3],
      stored: 'float16',
    });
    const some = readOnnxWeights(bytes, new Set(['label.type.weight', 'not there']));
    expect([...some]).toEqual([['label.type.weight', model.initialisers.get('label.type.weight')]]);
    const written = writeOnnx(model);
    const again = readOnnx(written);
    expect({ ...again, initialisers: null }).toEqual({ ...model, initialisers: null });
    expect(Buffer.compare(writeOnnx(again), written)).toBe(0);
    const half = [model, again].map(({ initialisers }) => initialisers.get('head.weight.half')!.data);
    expect(Buffer.compare(Buffer.from(half[0]!.buffer), Buffer.from(half[1]!.buffer))).toBe(0);
  });

  it('are written so that onnxruntime reads them, with every kind of attribute and number', async () => {
    const builder = onnxBuilder();
    const reshaped = builder.node('Reshape', ['x', builder.integers([0, -1])]);
    const shifted = builder.node('Add', [reshaped, builder.floats([4], [1, 2, 3, 4])]);
    const model = builder.build(builder.node('LeakyRelu', [shifted], { alpha: { float: 0.5 } }), [1, 2, 2]);
    const { data, dims } = await runInOnnxruntime(model, Float32Array.of(1, -6, 0, 0), [1, 2, 2]);
    expect(dims).toEqual([1, 4]);
    expect([...data]).toEqual([2, -2, 3, 4]);
  });

  it('are refused with the reason when they are invalid or use something unsupported', () => {
    expect(() => readOnnx(Buffer.from('this is not a network'), 'model.onnx')).toThrow(
      /^model\.onnx is not an ONNX file/,
    );
    expect(() => readOnnx(new Uint8Array())).toThrow(OperatorError);
    const withTensor = (tensor: Record<string, unknown>): Uint8Array =>
      ModelProto.encode(
        ModelProto.fromObject({
          graph: {
            node: [{ op_type: 'Relu', input: ['x'], output: ['y'] }],
            initializer: [{ name: 'w', ...tensor }],
          },
        }),
      ).finish();
    expect(() => readOnnx(withTensor({ data_type: 1, dims: [3], float_data: [1] }))).toThrow(
      /"w" should hold 3 numbers and holds 1/,
    );
    expect(() => readOnnx(withTensor({ data_type: 8 }))).toThrow(/data type 8/);
    expect(() => readOnnx(withTensor({ data_type: 1, data_location: 1 }))).toThrow(/lies in another file/);
  });
});
