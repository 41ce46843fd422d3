/** What is known of the runs that made a model: training.json, and training.svg, which plots it. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plotRun } from './curves.ts';
import type { TrainingRun } from './run-training.ts';

/** A run, and in `before` the one that came before it, back to the first. */
export interface TrainingLog extends Pick<TrainingRun, 'seconds' | 'history'> {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** Of the weights that were kept; older logs do not know it. */
  readonly bestStep?: number;
  /** Steps that see every training item once; older logs do not know it. */
  readonly stepsAnEpoch?: number;
  readonly before?: TrainingLog;
}

/** Undefined for a model that was not trained here. @param folder of the model. */
export async function readLog(folder: string): Promise<TrainingLog | undefined> {
  const text = await readFile(join(folder, 'training.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TrainingLog);
}

/** Where no run of the log knows its epochs, no plot is written. */
export async function writeLog(folder: string, log: TrainingLog): Promise<void> {
  await writeFile(join(folder, 'training.json'), `${JSON.stringify(log, null, 2)}\n`);
  const stepsAnEpoch = runsOf(log).find((run) => run.stepsAnEpoch !== undefined)?.stepsAnEpoch;
  if (stepsAnEpoch !== undefined)
    await writeFile(join(folder, 'training.svg'), plotRun({ history: wholeHistory(log) }, stepsAnEpoch));
}

/** One log of what several models were made by: each run once, those of the first model before those that only others have; undefined when there is none. */
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

/** The last first. */
function runsOf(log: TrainingLog): TrainingLog[] {
  return [log, ...(log.before ? runsOf(log.before) : [])];
}

/** Of all runs, with steps counted from the first one on. */
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
