import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { joinedLogs, readLog, type TrainingLog, writeLog } from '../../../scripts/train/training-log.ts';

const run = (seed: number, before?: TrainingLog): TrainingLog => ({
  settings: { seed },
  steps: 10,
  seconds: 1,
  history: [{ step: 10, loss: seed, contrastive: 0, labelLosses: {}, validation: {} }],
  ...(before && { before }),
});
const seedsOf = (log: TrainingLog | undefined): unknown[] =>
  log ? [log.settings.seed, ...seedsOf(log.before)] : [];

it('joins the logs of several models: each run once, after the runs before it', () => {
  const first = run(1);
  const second = run(2, first);
  const branches = [run(3, second), run(4, second), first];
  expect(seedsOf(joinedLogs(branches))).toEqual([4, 3, 2, 1]);
  expect(seedsOf(joinedLogs([second]))).toEqual([2, 1]);
  expect(joinedLogs([second])).toEqual(second);
  expect(joinedLogs([])).toBeUndefined();
});

it('reads what it wrote, and plots all epochs if a run knows its steps per epoch', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  expect(await readLog(folder)).toBeUndefined();
  const log = run(2, run(1));
  await writeLog(folder, log);
  expect(await readLog(folder)).toEqual(log);
  await expect(readFile(join(folder, 'training.svg'))).rejects.toThrow('ENOENT');
  await writeLog(folder, { ...log, stepsAnEpoch: 5 });
  expect(await readFile(join(folder, 'training.svg'), 'utf8')).toContain('training loss');
});
