import { describe, expect, it } from 'vitest';
import { batchSize } from '../../src/embed/batch-size.ts';
import { parseGpu } from '../../src/embed/gpu.ts';

describe('a graphics card', () => {
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

  it('is none when nvidia-smi says something else', () => {
    expect(parseGpu('No devices were found\n')).toBeUndefined();
    expect(parseGpu('')).toBeUndefined();
  });
});

describe('the size of a batch', () => {
  it('fits into half of the free memory, with room for what convolutions need', () => {
    expect(batchSize({ freeBytes: 2400, bytesPerPicture: 100, most: 64 })).toBe(4);
  });

  it('is never more than is of use, and never less than one', () => {
    expect(batchSize({ freeBytes: 2 ** 40, bytesPerPicture: 100, most: 64 })).toBe(64);
    expect(batchSize({ freeBytes: 0, bytesPerPicture: 100, most: 64 })).toBe(1);
  });
});
