/** The log of the training runs of a model: training.json, and training.svg, which plots it. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plotRun } from './curves.ts';
import type { TrainingRun } from './run-training.ts';

/** A run; `before` is the run before it, and so on back to the first. */
export interface TrainingLog extends Pick<TrainingRun, 'seconds' | 'history'> {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** The step of the exported weights; missing in older logs. */
  readonly bestStep?: number;
  /** Steps per epoch; missing in older logs. */
  readonly stepsAnEpoch?: number;
  readonly before?: TrainingLog;
}

/** Undefined for a model that was not trained by this project. @param folder of the model. */
export async function readLog(folder: string): Promise<TrainingLog | undefined> {
  const text = await readFile(join(folder, 'training.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TrainingLog);
}

/** The plot is left out if no run of the log knows its steps per epoch. */
export async function writeLog(folder: string, log: TrainingLog): Promise<void> {
  await writeFile(join(folder, 'training.json'), `${JSON.stringify(log, null, 2)}\n`);
  const stepsAnEpoch = runsOf(log).find((run) => run.stepsAnEpoch !== undefined)?.stepsAnEpoch;
  if (stepsAnEpoch !== undefined)
    await writeFile(join(folder, 'training.svg'), plotRun({ history: wholeHistory(log) }, stepsAnEpoch));
}

/** Joins the logs of several models: each run once, the runs of the first model first. Undefined without a run. */
export function joinedLogs(logs: readonly TrainingLog[]): TrainingLog | undefined {
  const runs = new Map<string, TrainingLog>();
  for (const log of logs) {
    for (const run of runsOf(log).reverse()) {
      const key = JSON.stringify({ ...run, before: undefined });
      if (!runs.has(key)) runs.set(key, run);
    }
  }
  return [...runs.values()].reduce<TrainingLog | undefined>(
    (before, run) => (before ? { ...run, before } : run),
    undefined,
  );
}

// --- Internal helpers ---

/** Latest run first. */
function runsOf(log: TrainingLog): TrainingLog[] {
  return [log, ...(log.before ? runsOf(log.before) : [])];
}

/** The history of all runs, with steps counted from the start of the first. */
function wholeHistory(log: TrainingLog): TrainingRun['history'] {
  let earlier = 0;
  return runsOf(log)
    .reverse()
    .flatMap(({ history, steps }) => {
      const shifted = history.map((entry) => ({ ...entry, step: entry.step + earlier }));
      earlier += steps;
      return shifted;
    });
}
