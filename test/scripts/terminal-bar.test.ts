import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { barLine } from '../../scripts/terminal-bar.ts';
import { createProgress } from '../../scripts/progress.ts';

const LINE = {
  title: 'Reading and embedding',
  progress: 0.5,
  facts: ['50 %', '22220/44441', '10 min 3 s left', '123/s'],
};

describe('a progress bar', () => {
  it('takes all facts and at most 40 characters of bar on a wide terminal', () => {
    expect(barLine({ ...LINE, columns: 200 })).toBe(
      `Reading and embedding [${'█'.repeat(20)}${'░'.repeat(20)}] 50 % | 22220/44441 | 10 min 3 s left | 123/s`,
    );
  });

  it('never wraps: the bar shrinks, then facts are left out, the least important first', () => {
    for (let columns = 1; columns <= 200; columns++)
      expect(barLine({ ...LINE, columns }).length).toBeLessThan(columns);
    expect(barLine({ ...LINE, columns: 80 })).toContain('123/s');
    expect(barLine({ ...LINE, columns: 72 })).toContain('10 min 3 s left');
    expect(barLine({ ...LINE, columns: 72 })).not.toContain('123/s');
    expect(barLine({ ...LINE, columns: 40 })).toMatch(/^Reading and embedding \[[█░]{10}\] 50 %$/);
  });

  it('of an import fits a terminal of 80 columns', async () => {
    const stream = new PassThrough({ encoding: 'utf8' }) as unknown as NodeJS.WriteStream;
    Object.assign(stream, { isTTY: true, columns: 80 });
    const progress = createProgress(stream);
    progress.update({ phase: 'embed', done: 12_345, total: 44_441 });
    progress.stop();
    stream.end();
    // Each of the terminal's own control sequences begins or ends a line here.
    const shown = (await (stream as unknown as PassThrough).toArray())
      .join('')
      .replaceAll(/\u001b\[[0-9?]*[a-zA-Z]/g, '\n');
    const lines = shown.split('\n').filter((line) => line !== '');
    expect(lines.some((line) => line.includes('12345/44441'))).toBe(true);
    for (const line of lines) expect(line.length).toBeLessThan(80);
  });
});
