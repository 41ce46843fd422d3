import { describe, expect, it, vi } from 'vitest';
import { firstWithin, withTimeout } from '../../src/util/with-timeout.ts';
import { createTestClock } from '../test-clock.ts';

const late = (): Error => new Error('too late');
const never = new Promise<never>(() => undefined);

describe('work with a time limit', () => {
  it('gives its result when it ends in time', async () => {
    await expect(withTimeout(Promise.resolve(7), { ms: 1_000, late })).resolves.toBe(7);
    expect(await firstWithin(Promise.resolve(7), 1_000)).toBe(7);
  });

  it('gives its own failure when it fails in time', async () => {
    const failing = (): Promise<never> => Promise.reject(new Error('broken'));
    await expect(withTimeout(failing(), { ms: 1_000, late })).rejects.toThrow('broken');
    await expect(firstWithin(failing(), 1_000)).rejects.toThrow('broken');
  });

  it('fails as the caller says, or gives nothing, once the limit has passed on the clock', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const clock = createTestClock();
      const failing = expect(withTimeout(never, { ms: 5_000, clock, late })).rejects.toThrow('too late');
      const empty = firstWithin<number>(never, 5_000, clock);
      await clock.advance(5_000);
      await failing;
      expect(await empty).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends with the reason of its signal, also of one that was aborted before', async () => {
    const leaving = new AbortController();
    const waiting = withTimeout(never, { ms: 60_000, signal: leaving.signal, late });
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    await expect(withTimeout(never, { ms: 60_000, signal: leaving.signal, late })).rejects.toThrow('left');
  });

  it('leaves no listener on a signal that lives on', async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const added = vi.spyOn(signal, 'addEventListener');
    await withTimeout(Promise.resolve(1), { ms: 1_000, signal, late });
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
    expect(added).toHaveBeenCalled();
  });
});
