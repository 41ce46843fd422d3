/** The bytes of an open file as a source that can be read again. */

import type { FileHandle } from 'node:fs/promises';
import type { ByteSource } from './charset.ts';

const CHUNK_BYTES = 64 * 1024;

export function fileBytes(file: FileHandle): ByteSource {
  return {
    async *chunks() {
      for (let position = 0; ;) {
        const { bytesRead, buffer } = await file.read(
          Buffer.allocUnsafe(CHUNK_BYTES),
          0,
          CHUNK_BYTES,
          position,
        );
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
  };
}
