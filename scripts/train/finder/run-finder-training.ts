/** The loop of the finder's training: goes on after a crash where it was, stops early, ends with the best mean of the weights. */

import { join } from 'node:path';
import { z } from 'zod';
import { OperatorError } from '../../../src/util/errors.ts';
import { learningRateAt } from '../adam-w.ts';
import { readCheckpoint, writeCheckpoint } from '../checkpoint.ts';
import { differingSettings } from '../differing-settings.ts';
import type { FinderLosses, FinderTrainer } from './finder-trainer.ts';
import type { SceneLoader } from './scene-loader.ts';
import { validateFinder, type ValidationPhoto } from './validate-finder.ts';

export interface FinderSettings {
  readonly steps: number;
  /** Scenes a step. */
  readonly batch: number;
  readonly seed: number;
  /** Steps between two validations. */
  readonly validateEvery: number;
  /** Steps between two checkpoints. */
  readonly saveEvery: number;
  /** Validations without a better one, after which the run ends, once the mean of the weights has begun. */
  readonly patience: number;
  /** Highest learning rate, that of the decoder. */
  readonly rate: number;
}

export interface FinderTrainingOptions {
  readonly trainer: FinderTrainer;
  readonly validation: readonly ValidationPhoto[];
  readonly settings: FinderSettings;
  /** What else must be the same for a checkpoint to be gone on with: an object, as JSON. */
  readonly identity: string;
  /** For checkpoints. */
  readonly folder: string;
  openLoader(firstStep: number): SceneLoader;
  readonly onProgress: (progress: FinderProgress) => void;
  /** Stops after the step that runs, with a checkpoint. */
  readonly signal: AbortSignal;
}

export interface FinderProgress {
  readonly step: number;
  readonly total: number;
  /** Smoothed. */
  readonly loss: number;
  /** The last validation. */
  readonly scores: FinderRun['history'][number] | undefined;
  readonly secondsAStep: number;
}

const runSchema = z.object({
  identity: z.string(),
  /** Of training, over all starts. */
  seconds: z.number(),
  bestScore: z.number(),
  sinceBest: z.number(),
  /** Of losses since the last validation. */
  sums: z.object({
    count: z.number(),
    loss: z.number(),
    pixels: z.number(),
    overlap: z.number(),
    presence: z.number(),
  }),
  history: z.array(
    z.object({
      step: z.number(),
      /** Means since the last one. */
      loss: z.number(),
      pixels: z.number(),
      overlap: z.number(),
      presence: z.number(),
      meanOverlap: z.number(),
      precision: z.number(),
      recall: z.number(),
    }),
  ),
});

export type FinderRun = z.infer<typeof runSchema>;

export interface FinishedFinderTraining {
  readonly run: FinderRun;
  readonly step: number;
  /** The step of the weights that the trainer ends with. */
  readonly bestStep: number;
  /** `stopped`: by the signal; the same command goes on. */
  readonly end: 'complete' | 'early' | 'stopped';
}

/** Steps; a short run has a shorter one. */
const WARM_UP = 60;
/** Of the steps, after which the mean of the weights begins. */
const AVERAGED_FROM = 0.5;

/**
 * The trainer ends with the weights of the best validation.
 * @throws {OperatorError} when the folder holds another run's checkpoint, or the loss is no number.
 */
export async function runFinderTraining(options: FinderTrainingOptions): Promise<FinishedFinderTraining> {
  const { trainer, settings, folder, identity, signal, validation } = options;
  const [latest, best] = [join(folder, 'latest.checkpoint'), join(folder, 'best.checkpoint')];
  let run: FinderRun = { identity, seconds: 0, bestScore: -1, sinceBest: 0, sums: NO_LOSSES, history: [] };
  let step = 0;
  const resumed = await readCheckpoint(latest);
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
  const loader = options.openLoader(step);
  const averagedFrom = settings.steps * AVERAGED_FROM;
  let pace: number[] = [];
  let smooth = run.history.at(-1)?.loss;
  let end: FinishedFinderTraining['end'] = 'complete';
  const save = async (path: string): Promise<void> => {
    await writeCheckpoint(path, { step, run, tensors: await trainer.save() });
  };

  try {
    while (step < settings.steps) {
      if (signal.aborted) {
        end = 'stopped';
        break;
      }
      const started = performance.now();
      const warmUp = Math.min(WARM_UP, settings.steps / 4);
      const rate = learningRateAt(step, settings.steps, warmUp, settings.rate);
      const losses = trainer.train(await loader.next(), step, rate);
      if (!Number.isFinite(losses.loss)) {
        throw new OperatorError(
          `The loss of step ${step} is ${losses.loss}; the last checkpoint is from before.`,
        );
      }
      step++;
      if (step > averagedFrom) {
        // What was best before is of weights that are not given out any more.
        if (step - 1 <= averagedFrom) run = { ...run, bestScore: -1, sinceBest: 0 };
        trainer.average();
      }
      run.sums = addLosses(run.sums, losses);
      smooth = smooth === undefined ? losses.loss : smooth * 0.97 + losses.loss * 0.03;
      const seconds = (performance.now() - started) / 1000;
      run.seconds += seconds;
      pace = [...pace, seconds].slice(-25);

      const isLast = step === settings.steps;
      if (step % settings.validateEvery === 0 || isLast) {
        const scores = validateFinder(trainer, validation);
        run.history.push({ step, ...meansOfLosses(run.sums), ...scores });
        run.sums = NO_LOSSES;
        const score = (scores.meanOverlap + (scores.precision + scores.recall) / 2) / 2;
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
        total: settings.steps,
        loss: smooth,
        scores: run.history.at(-1),
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

const NO_LOSSES: FinderRun['sums'] = { count: 0, loss: 0, pixels: 0, overlap: 0, presence: 0 };

function addLosses(sums: FinderRun['sums'], losses: FinderLosses): FinderRun['sums'] {
  return {
    count: sums.count + 1,
    loss: sums.loss + losses.loss,
    pixels: sums.pixels + losses.pixels,
    overlap: sums.overlap + losses.overlap,
    presence: sums.presence + losses.presence,
  };
}

function meansOfLosses({ count, loss, pixels, overlap, presence }: FinderRun['sums']): FinderLosses {
  const by = Math.max(1, count);
  return { loss: loss / by, pixels: pixels / by, overlap: overlap / by, presence: presence / by };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
