import { expect, it } from 'vitest';
import { rounded } from '../../../scripts/evaluate/rounded-model.ts';

it('weights are rounded to 255 steps by output channel, biases not at all', () => {
  const kernel = {
    dims: [2, 1, 1, 3],
    stored: 'float16',
    data: Float32Array.from([1.27, 0.014, -0.006, 0, 254, 1]),
  } as const;
  const expected = [1.27, 0.01, -0.01, 0, 254, 2];
  rounded(kernel).data.forEach((value, n) => {
    expect(value).toBeCloseTo(expected[n]!, 5);
  });
  expect(rounded(kernel)).toMatchObject({ dims: kernel.dims, stored: 'float16' });
  const bias = { dims: [2], stored: 'float', data: Float32Array.from([0.123456, 9]) } as const;
  expect(rounded(bias)).toBe(bias);
  const none = { ...kernel, data: new Float32Array(6) };
  expect([...rounded(none).data]).toEqual([0, 0, 0, 0, 0, 0]);
});
