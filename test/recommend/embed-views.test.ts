import { describe, expect, it } from 'vitest';
import { embedViews } from '../../src/recommend/embed-views.ts';
import type { EmbedOptions } from '../../src/embed/embedder.ts';
import { BusyError } from '../../src/util/errors.ts';

const views = { whole: Uint8Array.of(1), middle: Uint8Array.of(2) };

/** Answers each view as given; `waits` waits until its signal aborts. */
function embedderOf(answers: Readonly<Record<number, Float32Array | Error | 'waits'>>) {
  const ended: number[] = [];
  return {
    ended,
    embed([view = 0]: Uint8Array, { signal }: EmbedOptions): Promise<Float32Array> {
      const answer = answers[view]!;
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer !== 'waits') return Promise.resolve(answer);
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          ended.push(view);
          reject(signal.reason as Error);
        });
      });
    },
  };
}

describe('a photo', () => {
  it('is searched by the unit mean of both views', async () => {
    const embedder = embedderOf({ 1: Float32Array.of(1, 0), 2: Float32Array.of(0, 1) });
    const { whole, mean } = await embedViews(embedder, views, { priority: 'interactive' });
    expect([...whole]).toEqual([1, 0]);
    expect(mean[0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect(mean[1]).toBeCloseTo(Math.SQRT1_2, 6);
  });

  for (const [refused, waiting] of [
    [1, 2],
    [2, 1],
  ] as const) {
    it(`whose view ${refused} is refused takes view ${waiting} out of the queue`, async () => {
      const embedder = embedderOf({ [refused]: new BusyError('full', 3), [waiting]: 'waits' });
      await expect(embedViews(embedder, views, { priority: 'interactive' })).rejects.toThrow(BusyError);
      expect(embedder.ended).toEqual([waiting]);
    });
  }

  it('takes both views out of the queue when its request is aborted', async () => {
    const embedder = embedderOf({ 1: 'waits', 2: 'waits' });
    const request = new AbortController();
    const embedding = embedViews(embedder, views, { priority: 'interactive', signal: request.signal });
    request.abort(new Error('gone'));
    await expect(embedding).rejects.toThrow('gone');
    expect(embedder.ended).toEqual([1, 2]);
  });
});
