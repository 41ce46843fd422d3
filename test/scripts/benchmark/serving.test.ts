import { EventEmitter } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Child } from '../../../scripts/benchmark/child.ts';
import { startWarm } from '../../../scripts/benchmark/serving.ts';

it('measures the second start, after the first one has filled the data folder and ended', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const events: string[] = [];
  const slowness = [300, 20];
  const start = (): Child => {
    const number = events.filter((event) => event.startsWith('start')).length;
    events.push(`start ${number}`);
    const ending = new EventEmitter();
    const ended = new Promise<number>((resolve) => {
      ending.once('end', () => {
        events.push(`end ${number}`);
        resolve(0);
      });
    });
    return {
      process: { kill: () => ending.emit('end') } as unknown as Child['process'],
      output: () => '',
      saw: () => {
        vi.advanceTimersByTime(slowness[number]!);
        return Promise.resolve(['', `http://localhost:${number}`] as RegExpMatchArray);
      },
      ended,
      peakMemory: () => NaN,
    };
  };
  const { address, seconds } = await startWarm(start);
  expect(events).toEqual(['start 0', 'end 0', 'start 1']);
  expect(address).toBe('http://localhost:1');
  expect(seconds).toBeCloseTo(0.02);
});
