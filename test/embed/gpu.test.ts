import { describe, expect, it } from 'vitest';
import { batchSize } from '../../src/embed/batch-size.ts';
import { parseGpu } from '../../src/embed/gpu.ts';

describe('a GPU', () => {
  it('is read from the first line of nvidia-smi', () => {
    expect(
      parseGpu('NVIDIA H100 80GB HBM3, 550.54.15, 9.0, 81559, 81000\nNVIDIA T4, 550, 7.5, 15360, 15000\n'),
    ).toEqual({
      name: 'NVIDIA H100 80GB HBM3',
      driver: '550.54.15',
      computeCapability: '9.0',
      memory: { total: 81559 * 2 ** 20, free: 81000 * 2 ** 20 },
    });
  });

  it('is undefined for any other answer of nvidia-smi', () => {
    expect(parseGpu('No devices were found\n')).toBeUndefined();
    expect(parseGpu('')).toBeUndefined();
  });
});

describe('the size of a batch', () => {
  it('fits into half of the free memory, with scratch memory for convolutions', () => {
    expect(batchSize({ freeBytes: 2400, bytesPerPicture: 100, most: 64 })).toBe(4);
  });

  it('is at most the largest useful size, and at least one', () => {
    expect(batchSize({ freeBytes: 2 ** 40, bytesPerPicture: 100, most: 64 })).toBe(64);
    expect(batchSize({ freeBytes: 0, bytesPerPicture: 100, most: 64 })).toBe(1);
  });
});
