/** The training loop: batches, learning rate, validation and checkpoints. It ends early, and continues after a crash from the last checkpoint. */

import { join } from 'node:path';
import { z } from 'zod';
import { OperatorError } from '../../src/util/errors.ts';
import { median } from '../statistics.ts';
import { learningRateAt } from './adam-w.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { CROP_LOSSES } from './crops/crop-step-losses.ts';
import { validateCrops } from './crops/validate-crops.ts';
import { differingSettings } from './differing-settings.ts';
import { type Classes, HEAD_NAMES, type LabelledItem, targetsOf } from './labelled-items.ts';
import { addTo, emptySums, meansOf } from './loss-sums.ts';
import type { Trainer } from './trainer.ts';
import type { TrainingProgress } from './training-bar.ts';
import { createBatches, type TrainingCrops } from './training-batches.ts';
import { validate, type ValidationSet } from './validate.ts';
import type { ViewLoader } from './view-loader.ts';

export interface TrainingSettings {
  /** Either the number of steps, or how long the run may take: the number of steps is then estimated from the first ones. */
  readonly length: { readonly steps: number } | { readonly minutes: number };
  /** Items per step. */
  readonly batch: number;
  readonly seed: number;
  /** Steps between two validations. */
  readonly validateEvery: number;
  /** Steps between two checkpoints. */
  readonly saveEvery: number;
  /** The run ends after so many validations without a better score, once the mean of the weights has begun. */
  readonly patience: number;
  /** Highest learning rate, that of the classifiers. */
  readonly rate: number;
}

export interface TrainingOptions {
  readonly trainer: Trainer;
  readonly classes: Classes;
  /** The training set. */
  readonly items: readonly LabelledItem[];
  readonly validation: ValidationSet;
  /** For batches with crops of outfits. */
  readonly crops?: TrainingCrops | undefined;
  readonly settings: TrainingSettings;
  /** Settings that must be equal before a run continues from a checkpoint: an object, as JSON. */
  readonly identity: string;
  /** For checkpoints. */
  readonly folder: string;
  /**
   * @param firstStep the first step that will be requested.
   * @param shareOf how much of the run is done before a step, 0 to 1; 0 while its length is unknown.
   */
  openLoader(firstStep: number, shareOf: (step: number) => number): ViewLoader;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Stops after the current step, with a checkpoint. */
  readonly signal: AbortSignal;
}

const runSchema = z.object({
  identity: z.string(),
  /** Steps of the run; undefined until they are estimated. */
  total: z.number().optional(),
  /** Training time, over all starts. */
  seconds: z.number(),
  bestScore: z.number(),
  /** Validations since the best one. */
  sinceBest: z.number(),
  /** Sums of the losses since the last validation. */
  sums: z.object({
    count: z.number(),
    loss: z.number(),
    contrastive: z.number(),
    labels: z.record(z.enum(HEAD_NAMES), z.number()),
    crops: z.record(z.enum(CROP_LOSSES), z.number()).optional(),
  }),
  history: z.array(
    z.object({
      step: z.number(),
      /** Mean since the validation before. */
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
  /** The step whose weights the trainer has at the end. */
  readonly bestStep: number;
  /** `stopped`: by the signal; the same command continues the run. */
  readonly end: 'complete' | 'early' | 'stopped';
}

/** Steps; a quarter of the run where that is less. */
const WARM_UP = 60;
/** Share of the steps after which the mean of the weights begins. */
const AVERAGED_FROM = 1 / 3;
/** The length of a run in minutes is estimated from steps 5 to 25: the first ones are slower. */
const TIMED = { from: 5, to: 25 };

/**
 * The trainer ends with the weights of the best validation.
 * @throws {OperatorError} when the folder holds a checkpoint of another run.
 */
export async function runTraining(options: TrainingOptions): Promise<FinishedTraining> {
  const { trainer, items, settings, folder, signal, classes, validation } = options;
  const [latest, best] = [join(folder, 'latest.checkpoint'), join(folder, 'best.checkpoint')];
  const { run, ...start } = await startOrResume(options, latest);
  let { step } = start;
  const batchOf = createBatches(items, classes, options.crops);
  const validationTargets = targetsOf(validation.items, classes);
  const loader = options.openLoader(step, (ahead) => (run.total === undefined ? 0 : ahead / run.total));
  /** Seconds of the latest steps. */
  let times: number[] = [];
  let smoothLoss = run.history.at(-1)?.loss;
  let end: FinishedTraining['end'] = 'complete';

  const save = async (path: string): Promise<void> => {
    await writeCheckpoint(path, { step, run, tensors: await trainer.save() });
  };

  /** @returns whether validations have stopped getting better. */
  async function validateNow(isAveraging: boolean): Promise<boolean> {
    const scores = validate(trainer, classes, validation, validationTargets);
    const ofCrops = options.crops && {
      crops: validateCrops(trainer, classes.type, options.crops.validation),
    };
    run.history.push({ step, ...meansOf(run.sums), validation: { ...scores, ...ofCrops } });
    run.sums = emptySums();
    const judged = [scores.type, scores.colour, scores.gender, ...Object.values(ofCrops ?? {})];
    const score = judged.reduce((sum, { accuracy }) => sum + accuracy, 0) / judged.length;
    run.sinceBest = score > run.bestScore ? 0 : run.sinceBest + 1;
    if (run.sinceBest > 0) return isAveraging && run.sinceBest >= settings.patience;
    run.bestScore = score;
    await save(best);
    return false;
  }

  try {
    while (run.total === undefined || step < run.total) {
      if (signal.aborted) {
        end = 'stopped';
        break;
      }
      const started = performance.now();
      const total = run.total ?? Infinity;
      const rate = learningRateAt(step, total, Math.min(WARM_UP, total / 4), settings.rate);
      const result = trainer.train(batchOf(await loader.next()), step, rate);
      if (!Number.isFinite(result.loss)) {
        throw new OperatorError(
          `The loss of step ${step} is ${result.loss}. The last checkpoint is from an earlier step.`,
        );
      }
      step++;
      const averagedFrom = total * AVERAGED_FROM;
      const isAveraging = step > averagedFrom;
      if (isAveraging) {
        // Earlier scores belong to single weights, which are no longer what the run delivers.
        if (step - 1 <= averagedFrom) Object.assign(run, { bestScore: -1, sinceBest: 0 });
        trainer.average();
      }
      run.sums = addTo(run.sums, result);
      smoothLoss = smoothLoss === undefined ? result.loss : smoothLoss * 0.95 + result.loss * 0.05;
      const seconds = (performance.now() - started) / 1000;
      run.seconds += seconds;
      times = [...times, seconds].slice(-TIMED.to);
      if ('minutes' in settings.length && times.length === TIMED.to)
        run.total ??= step + stepsLeft(settings.length.minutes * 60 - run.seconds, times);

      const isLast = step === run.total;
      const isValidated = step % settings.validateEvery === 0 || isLast;
      if (isValidated && (await validateNow(isAveraging))) end = 'early';
      if (step % settings.saveEvery === 0 || isLast || end === 'early') await save(latest);
      options.onProgress({
        step,
        total: run.total,
        loss: smoothLoss,
        accuracy: run.history.at(-1)?.validation.type?.accuracy,
        secondsAStep: median(times),
      });
      if (end === 'early') break;
      // Lets the messages of the view worker arrive between two steps.
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

/**
 * Continues from the latest checkpoint, else starts a new run.
 * @throws {OperatorError} when the checkpoint belongs to a run with other settings.
 */
async function startOrResume(
  { trainer, settings, folder, identity }: TrainingOptions,
  latest: string,
): Promise<{ readonly run: TrainingRun; readonly step: number }> {
  const checkpoint = await readCheckpoint(latest);
  if (!checkpoint) {
    const run = { identity, seconds: 0, bestScore: -1, sinceBest: 0, sums: emptySums(), history: [] };
    return { run: 'steps' in settings.length ? { ...run, total: settings.length.steps } : run, step: 0 };
  }
  const run = runSchema.parse(checkpoint.run);
  if (run.identity !== identity) {
    const differences = differingSettings(run.identity, identity).map((line) => `  ${line}\n`);
    throw new OperatorError(
      `${folder} holds a run with other settings:\n${differences.join('')}Name another folder with --out, or remove this one.`,
    );
  }
  trainer.restore(checkpoint.tensors);
  return { run, step: checkpoint.step };
}

/** How many steps fit into the time that is left, at least 1. @param times of the steps so far, in seconds. */
function stepsLeft(seconds: number, times: readonly number[]): number {
  return Math.max(1, Math.round(seconds / median(times.slice(TIMED.from))));
}
