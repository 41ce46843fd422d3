import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesFromEnd } from '../../src/store/lines-from-end.ts';

describe('linesFromEnd', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lines-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Takes at most `count` lines of a file with this text, and counts the bytes that are read for them. */
  async function take(text: string, count = Infinity, maxBytes?: number) {
    const path = join(folder, 'lines');
    await writeFile(path, text);
    const file = await open(path);
    let bytes = 0;
    const counting = {
      stat: file.stat.bind(file),
      async read(buffer: Buffer, offset: number, length: number, position: number) {
        const result = await file.read(buffer, offset, length, position);
        bytes += result.bytesRead;
        return result;
      },
    } as Parameters<typeof linesFromEnd>[0];
    const lines: string[] = [];
    for await (const line of linesFromEnd(counting, maxBytes)) {
      if (lines.push(line) >= count) break;
    }
    await file.close();
    return { lines, bytes };
  }

  it.each([
    '',
    '\n',
    'a',
    'a\n',
    '\n\na\n\nb',
    'é\n服\n👗',
    `${'x'.repeat(70_000)}\ny\n${'z'.repeat(200_000)}`,
  ])('gives the lines that splitting the whole text gives, in reverse order (case %#)', async (text) => {
    expect((await take(text)).lines).toEqual(text.split('\n').reverse());
  });

  it('keeps characters whole where two blocks meet', async () => {
    for (const shift of [0, 1, 2, 3]) {
      const text = `first\n${'👗'.repeat(20_000)}${'x'.repeat(shift)}`;
      expect((await take(text)).lines).toEqual(text.split('\n').reverse());
    }
  });

  it('reads one block for the last lines of a large file', async () => {
    const { lines, bytes } = await take(`${'line\n'.repeat(1_000_000)}last`, 3);
    expect(lines).toEqual(['last', 'line', 'line']);
    expect(bytes).toBeLessThanOrEqual(64 * 1024);
  });

  it('reads no more than the given number of bytes, and no part of a line', async () => {
    const { lines, bytes } = await take('first\nsecond\nthird', Infinity, 10);
    expect(lines).toEqual(['third']);
    expect(bytes).toBe(10);
  });
});
