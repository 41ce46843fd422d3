import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createLifeCycle,
  type DoorSignals,
  type LifeCycleOptions,
} from '../../src/adapters/kit/life-cycle.ts';
import { ClosedError, OperatorError } from '../../src/util/errors.ts';
import { createTestClock, settled, type TestClock } from '../test-clock.ts';

let clock: TestClock;
let lines: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  clock = createTestClock();
  lines = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function doorWith(options: Partial<LifeCycleOptions>) {
  const log = (...parts: unknown[]): void =>
    void lines.push(parts.map((part) => JSON.stringify(part)).join(' '));
  return createLifeCycle({
    name: 'post',
    platform: 'Post',
    clock,
    logger: { warn: log, error: log },
    reasonOf: (error) => `reason of ${(error as Error).message}`,
    stopPatienceMs: 5000,
    unfinishedMessage: 'some letters are left',
    open: () => Promise.resolve(),
    finish: () => Promise.resolve(0),
    ...options,
  });
}

describe('a door that starts', () => {
  it('is open when its platform answers', async () => {
    const open = vi.fn(() => Promise.resolve());
    await doorWith({ open }).start();
    expect(open).toHaveBeenCalledOnce();
    expect(lines).toEqual([]);
  });

  it('fails as its platform says within ten seconds', async () => {
    const open = () => Promise.reject(new OperatorError('wrong token'));
    await expect(doorWith({ open }).start()).rejects.toThrow('wrong token');
  });

  it('lets the other doors open after ten seconds, and logs how its own attempt ends', async () => {
    let fail: (error: Error) => void = () => undefined;
    const open = () => new Promise<void>((_, reject) => (fail = reject));
    const starting = doorWith({ open }).start();
    await clock.advance(10_000);
    await starting;
    expect(lines).toEqual(['"Post cannot be reached; this door opens as soon as it can"']);
    fail(new OperatorError('wrong token'));
    await settled();
    expect(lines.at(-1)).toBe('"Post is closed. wrong token"');
  });
});

describe('background work', () => {
  it('is repeated until the door stops, at once or after the first pause', async () => {
    const runs: string[] = [];
    const door = doorWith({
      open({ repeat }) {
        repeat(() => Promise.resolve(void runs.push('a')), { everyMs: 1000, atOnce: true });
        repeat(() => Promise.resolve(void runs.push('b')), { everyMs: 1000, atOnce: false });
        return Promise.resolve();
      },
    });
    await door.start();
    await settled();
    expect(runs).toEqual(['a']);
    await clock.advance(1000);
    expect(runs.sort()).toEqual(['a', 'a', 'b']);
    await door.stop();
    await clock.advance(1000);
    expect(runs).toHaveLength(3);
  });

  it('that fails is logged without ending the door, unless the bot is closed', async () => {
    const door = doorWith({
      open({ inBackground }) {
        inBackground(() => Promise.reject(new Error('no stamp')));
        inBackground(() => {
          throw new ClosedError('closed');
        });
        return Promise.resolve();
      },
    });
    await door.start();
    await settled();
    expect(lines).toEqual(['{"reason":"reason of no stamp"} "background task failed"']);
    await door.stop();
  });
});

describe('a door that stops', () => {
  it('finishes, closes, and says how many requests are left; a second stop is the same one', async () => {
    const steps: string[] = [];
    const door = doorWith({
      finish({ stopping, outOfTime, closing }) {
        steps.push(`finish ${[stopping, outOfTime, closing].map(({ aborted }) => aborted).join(' ')}`);
        return Promise.resolve(2);
      },
      close: () => Promise.resolve(void steps.push('close')),
    });
    await door.start();
    await Promise.all([door.stop(), door.stop()]);
    expect(steps).toEqual(['finish true false false', 'close']);
    expect(lines).toEqual(['{"left":2} "some letters are left"']);
  });

  it('tells what it waits for when its patience ends', async () => {
    const finish = ({ outOfTime }: DoorSignals) =>
      new Promise<number>((resolve) => {
        outOfTime.addEventListener('abort', () => {
          resolve(1);
        });
      });
    const door = doorWith({ finish });
    await door.start();
    const stopping = door.stop();
    await clock.advance(4999);
    expect(lines).toEqual([]);
    await clock.advance(1);
    await stopping;
    expect(lines).toEqual(['{"left":1} "some letters are left"']);
  });

  it('while it opens waits for that, and ignores how it fails', async () => {
    const door = doorWith({
      open: ({ signals }) =>
        new Promise((_, reject) => {
          signals.stopping.addEventListener('abort', () => {
            reject(new Error('given up'));
          });
        }),
    });
    const starting = door.start();
    await door.stop();
    await starting;
    expect(lines).toEqual([]);
  });
});
