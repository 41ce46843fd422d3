/** Gives yauzl random access to an open file, with read-ahead while it lists the entries. */

import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';

const CHUNK_BYTES = 64 * 1024;

type Done = (error: Error | null, bytesRead?: number) => void;

/** yauzl reads the list of entries 46 bytes at a time; with read-ahead, 44,000 entries take a tenth of the time. */
export class ZipReader extends RandomAccessReader {
  /** On while the entries are listed in order, off while pictures are read from all over the file. */
  readAhead = true;
  readonly #file: FileHandle;
  #window = Buffer.alloc(0);
  #windowStart = 0;

  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const file = this.#file;
    let position = start;
    return new Readable({
      read() {
        const length = Math.min(CHUNK_BYTES, end - position);
        if (length <= 0) {
          this.push(null);
          return;
        }
        file.read(Buffer.allocUnsafe(length), 0, length, position).then(
          ({ bytesRead, buffer }) => {
            position += bytesRead;
            if (bytesRead === 0) this.destroy(new Error('the zip file ends too early'));
            else this.push(buffer.subarray(0, bytesRead));
          },
          (error: unknown) => this.destroy(error as Error),
        );
      },
    });
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: Done): void {
    if (!this.readAhead || length > CHUNK_BYTES) {
      this.#file.read(buffer, offset, length, position).then(
        ({ bytesRead }) => {
          done(null, bytesRead);
        },
        (error: unknown) => {
          done(error as Error);
        },
      );
      return;
    }
    if (position >= this.#windowStart && position + length <= this.#windowStart + this.#window.length) {
      this.#window.copy(buffer, offset, position - this.#windowStart, position - this.#windowStart + length);
      // A synchronous call would make yauzl recurse deeper with every entry, and block all other work until the list ends.
      setImmediate(done, null, length);
      return;
    }
    this.#file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position).then(
      ({ bytesRead, buffer: window }) => {
        this.#window = window.subarray(0, bytesRead);
        this.#windowStart = position;
        done(null, this.#window.copy(buffer, offset, 0, length));
      },
      (error: unknown) => {
        done(error as Error);
      },
    );
  }

  override close(done: (error: Error | null) => void): void {
    this.#file.close().then(
      () => {
        done(null);
      },
      (error: unknown) => {
        done(error as Error);
      },
    );
  }
}
