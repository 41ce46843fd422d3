/** The loop: batches, learning rate, validation, checkpoints; stops early, and goes on after a crash where it was. */

import { join } from 'node:path';
import { z } from 'zod';
import { OperatorError } from '../../src/util/errors.ts';
import { learningRateAt } from './adam-w.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { differingSettings } from './differing-settings.ts';
import {
  type Classes,
  HEAD_NAMES,
  type HeadName,
  type LabelledItem,
  labelTriplesOf,
  targetsOf,
} from './labelled-items.ts';
import { addTo, emptySums, meansOf } from './loss-sums.ts';
import { wordsOfTitles } from './title-words.ts';
import type { Trainer } from './trainer.ts';
import type { TrainingProgress } from './training-bar.ts';
import { validate, type ValidationSet } from './validate.ts';
import type { ViewLoader } from './view-loader.ts';

export interface TrainingSettings {
  /** Steps, or how long the run may take, from which the number of steps is worked out while it warms up. */
  readonly length: { readonly steps: number } | { readonly minutes: number };
  /** Items a step. */
  readonly batch: number;
  readonly seed: number;
  /** Steps between two validations. */
  readonly validateEvery: number;
  /** Steps between two checkpoints. */
  readonly saveEvery: number;
  /** Validations without a better one, after which the run ends, once the mean of the weights has begun. */
  readonly patience: number;
  /** Highest learning rate, that of the classifiers. */
  readonly rate: number;
}

export interface TrainingOptions {
  readonly trainer: Trainer;
  readonly classes: Classes;
  /** What is trained on. */
  readonly items: readonly LabelledItem[];
  readonly validation: ValidationSet;
  readonly settings: TrainingSettings;
  /** What else must be the same for a checkpoint to be gone on with: an object, as JSON. */
  readonly identity: string;
  /** For checkpoints. */
  readonly folder: string;
  /**
   * @param firstStep the first that will be asked for.
   * @param shareOf how much of the run is done before a step, 0 to 1; 0 while its length is not known.
   */
  openLoader(firstStep: number, shareOf: (step: number) => number): ViewLoader;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Stops after the step that runs, with a checkpoint. */
  readonly signal: AbortSignal;
}

const runSchema = z.object({
  identity: z.string(),
  /** Undefined while it is not worked out yet. */
  total: z.number().optional(),
  /** Of training, over all starts. */
  seconds: z.number(),
  bestScore: z.number(),
  sinceBest: z.number(),
  /** Of losses since the last validation. */
  sums: z.object({
    count: z.number(),
    loss: z.number(),
    contrastive: z.number(),
    labels: z.record(z.enum(HEAD_NAMES), z.number()),
  }),
  history: z.array(
    z.object({
      step: z.number(),
      /** Mean since the last one. */
      loss: z.number(),
      contrastive: z.number(),
      labelLosses: z.record(z.string(), z.number()),
      validation: z.record(
        z.string(),
        z.object({ accuracy: z.number(), macroF1: z.number(), count: z.number() }),
      ),
    }),
  ),
});

export type TrainingRun = z.infer<typeof runSchema>;

export interface FinishedTraining {
  readonly run: TrainingRun;
  readonly step: number;
  /** The step of the weights that the trainer ends with. */
  readonly bestStep: number;
  /** `stopped`: by the signal; the same command goes on. */
  readonly end: 'complete' | 'early' | 'stopped';
}

/** Steps; a short run has a shorter one. */
const WARM_UP = 60;
/** Of the steps, after which the mean of the weights begins. */
const AVERAGED_FROM = 1 / 3;
/** Steps over which the length of a run in minutes is worked out: the first ones are slower. */
const PACE = { from: 5, to: 25 };

/**
 * The trainer ends with the weights of the best validation.
 * @throws {OperatorError} when the folder holds another run's checkpoint.
 */
export async function runTraining(options: TrainingOptions): Promise<FinishedTraining> {
  const { trainer, items, settings, folder, identity, signal, classes, validation } = options;
  const [latest, best] = [join(folder, 'latest.checkpoint'), join(folder, 'best.checkpoint')];
  const resumed = await readCheckpoint(latest);
  let run: TrainingRun = {
    identity,
    seconds: 0,
    bestScore: -1,
    sinceBest: 0,
    sums: emptySums(),
    history: [],
  };
  if ('steps' in settings.length) run.total = settings.length.steps;
  let step = 0;
  if (resumed) {
    run = runSchema.parse(resumed.run);
    if (run.identity !== identity) {
      const differences = differingSettings(run.identity, identity).map((line) => `  ${line}\n`);
      throw new OperatorError(
        `${folder} holds a run with other settings:\n${differences.join('')}Name another folder with --out, or remove it.`,
      );
    }
    step = resumed.step;
    trainer.restore(resumed.tensors);
  }
  const targets = targetsOf(items, classes);
  const labelTriples = labelTriplesOf(items).targets;
  const words = wordsOfTitles(items).ofItems;
  const wanted = targetsOf(validation.items, classes);
  const loader = options.openLoader(step, (ahead) => (run.total === undefined ? 0 : ahead / run.total));
  let pace: number[] = [];
  let smooth = run.history.at(-1)?.loss;
  let end: FinishedTraining['end'] = 'complete';

  const save = async (path: string): Promise<void> => {
    await writeCheckpoint(path, { step, run, tensors: await trainer.save() });
  };

  try {
    while (run.total === undefined || step < run.total) {
      if (signal.aborted) {
        end = 'stopped';
        break;
      }
      const started = performance.now();
      const { places, pixels } = await loader.next();
      const batchTargets = Object.fromEntries(
        HEAD_NAMES.map((head) => [head, Int32Array.from(places, (place) => targets[head][place]!)]),
      ) as Record<HeadName, Int32Array>;
      const rate = learningRateAt(
        step,
        run.total ?? Infinity,
        Math.min(WARM_UP, (run.total ?? Infinity) / 4),
        settings.rate,
      );
      const batchTriples = Int32Array.from(places, (place) => labelTriples[place]!);
      const batchWords = Array.from(places, (place) => words[place]!);
      const result = trainer.train(
        { pixels, targets: batchTargets, labelTriples: batchTriples, words: batchWords },
        step,
        rate,
      );
      if (!Number.isFinite(result.loss)) {
        throw new OperatorError(
          `The loss of step ${step} is ${result.loss}; the last checkpoint is from before.`,
        );
      }
      step++;
      const averagedFrom = (run.total ?? Infinity) * AVERAGED_FROM;
      if (step > averagedFrom) {
        // What was best before is of weights that are not given out any more.
        if (step - 1 <= averagedFrom) run = { ...run, bestScore: -1, sinceBest: 0 };
        trainer.average();
      }
      run.sums = addTo(run.sums, result);
      smooth = smooth === undefined ? result.loss : smooth * 0.95 + result.loss * 0.05;
      const seconds = (performance.now() - started) / 1000;
      run.seconds += seconds;
      pace = [...pace, seconds].slice(-PACE.to);
      if (run.total === undefined && pace.length === PACE.to && 'minutes' in settings.length) {
        const each = median(pace.slice(PACE.from));
        run.total = step + Math.max(1, Math.round((settings.length.minutes * 60 - run.seconds) / each));
      }

      const isLast = step === run.total;
      if (step % settings.validateEvery === 0 || isLast) {
        const scores = validate(trainer, classes, validation, wanted);
        run.history.push({ step, ...meansOf(run.sums), validation: scores });
        run.sums = emptySums();
        const score = (scores.type.accuracy + scores.colour.accuracy + scores.gender.accuracy) / 3;
        run.sinceBest = score > run.bestScore ? 0 : run.sinceBest + 1;
        if (run.sinceBest === 0) {
          run.bestScore = score;
          await save(best);
        } else if (step > averagedFrom && run.sinceBest >= settings.patience) {
          end = 'early';
        }
      }
      if (step % settings.saveEvery === 0 || isLast || end === 'early') await save(latest);
      options.onProgress({
        step,
        total: run.total,
        loss: smooth,
        accuracy: run.history.at(-1)?.validation.type?.accuracy,
        secondsAStep: median(pace),
      });
      if (end === 'early') break;
      // The worker's messages come in between two steps.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (end === 'stopped') await save(latest);
  } finally {
    await loader.close();
  }
  const kept = end === 'stopped' ? undefined : await readCheckpoint(best);
  if (kept) trainer.restore(kept.tensors);
  return { run, step, bestStep: kept?.step ?? step, end };
}

// --- Internal helpers ---

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
