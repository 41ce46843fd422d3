/** Converts bytes to the numbers that a network expects, (x / 255 - mean) / std, by a table of 256 values per channel. */

import type { InputSpec } from './model.ts';

export type ChannelTables = readonly [Float32Array, Float32Array, Float32Array];

export function channelTables({ mean, std }: Pick<InputSpec, 'mean' | 'std'>): ChannelTables {
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, x) => (x / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1)),
  ) as unknown as ChannelTables;
}

/** Converts RGB pictures of `pixels` pixels each to planes: `[n, 3, pixels]`. */
export function toPlanes(
  batch: readonly Uint8Array[],
  pixels: number,
  tables: ChannelTables,
): Float32Array<ArrayBuffer> {
  const planes = new Float32Array(batch.length * pixels * 3);
  batch.forEach((picture, n) => {
    tables.forEach((values, channel) => {
      const start = (n * 3 + channel) * pixels;
      // Every index is in range: the engine has checked that a picture holds pixels * 3 bytes.
      for (let i = 0, p = channel; i < pixels; i++, p += 3) planes[start + i] = values[picture[p]!]!;
    });
  });
  return planes;
}

/** Converts RGB pictures of `pixels` pixels each and keeps them interleaved: `[n, pixels, 3]`. */
export function toInterleaved(
  batch: readonly Uint8Array[],
  pixels: number,
  [red, green, blue]: ChannelTables,
): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(batch.length * pixels * 3);
  batch.forEach((picture, n) => {
    const start = n * pixels * 3;
    for (let p = 0; p < pixels * 3; p += 3) {
      floats[start + p] = red[picture[p]!]!;
      floats[start + p + 1] = green[picture[p + 1]!]!;
      floats[start + p + 2] = blue[picture[p + 2]!]!;
    }
  });
  return floats;
}
