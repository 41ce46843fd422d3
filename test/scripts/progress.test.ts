import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createProgress } from '../../scripts/progress.ts';

it('tells where it is without a terminal: at once, every five seconds, and at the end of each phase', async () => {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const stream = new PassThrough({ encoding: 'utf8' });
  const progress = createProgress(stream as unknown as NodeJS.WriteStream);
  for (const done of [1, 2, 3]) {
    progress.update({ phase: 'embed', done, total: 4 });
    vi.advanceTimersByTime(3_000);
  }
  progress.update({ phase: 'embed', done: 4, total: 4 });
  progress.update({ phase: 'index', done: 0, total: 4 });
  progress.stop();
  stream.end();
  expect((await stream.toArray()).join('')).toBe(
    [
      'Reading and embedding: 1 of 4 (25 %)',
      'Reading and embedding: 3 of 4 (75 %), 0/s, 3 s left',
      'Reading and embedding: 4 of 4 (100 %), 0/s, 0 s left',
      'Building the index: 0 of 4 (0 %)',
      '',
    ].join('\n'),
  );
});
