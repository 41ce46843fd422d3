import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../scripts/run-command-line.ts';
import { parseFinderTraining } from '../../../../scripts/train/finder/parse-finder-training.ts';
import { takeTask } from '../../../../scripts/train/take-task.ts';

describe('the command line of a training', () => {
  it('is of the embedding unless a task is named, wherever that stands', () => {
    expect(takeTask(['--steps', '3'])).toEqual({ task: 'embedding', rest: ['--steps', '3'] });
    expect(takeTask(['--steps', '3', '--task', 'finder'])).toEqual({
      task: 'finder',
      rest: ['--steps', '3'],
    });
    expect(takeTask(['--task=finder', '--seed', '2'])).toEqual({ task: 'finder', rest: ['--seed', '2'] });
  });

  it('refuses another task by name', () => {
    expect(() => takeTask(['--task', 'colours'])).toThrow(
      '--task: expected one of embedding, finder, got "colours".',
    );
    expect(() => takeTask(['--task'])).toThrow(UsageError);
  });

  it('refuses a side that the backbone does not divide, and a rate that is none', () => {
    expect(() => parseFinderTraining(['--side', '300'])).toThrow(
      '--side: expected a multiple of 32, got 300.',
    );
    expect(() => parseFinderTraining(['--rate', 'fast'])).toThrow(UsageError);
    expect(parseFinderTraining(['--side', '256', '--steps', '7'])).toMatchObject({
      side: 256,
      lastSide: 320,
      settings: { steps: 7, batch: 12 },
    });
  });
});
