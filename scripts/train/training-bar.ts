/** Shows the progress of a training with loss, accuracy and time left: a bar on a terminal, a line every ten seconds elsewhere. */

import { createTerminalBar } from '../terminal-bar.ts';

export interface TrainingProgress {
  readonly step: number;
  /** Undefined until the length of the run is known. */
  readonly total: number | undefined;
  /** Smoothed. */
  readonly loss: number;
  /** Accuracy of article types at the last validation. */
  readonly accuracy: number | undefined;
  readonly secondsAStep: number;
}

export interface TrainingBar {
  update(progress: TrainingProgress): void;
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

export function createTrainingBar(stream: NodeJS.WriteStream = process.stderr): TrainingBar {
  let last = -Infinity;
  const bar = stream.isTTY
    ? createTerminalBar({
        stream,
        facts: ({ loss, accuracy, left }, { value, total }) => [
          `${value}/${total}`,
          `loss ${loss ?? '-'}`,
          `type ${accuracy ?? '-'}`,
          `${left ?? '-'} left`,
        ],
      })
    : undefined;
  let started = false;
  return {
    update({ step, total, loss, accuracy, secondsAStep }) {
      const left = total === undefined ? '-' : duration((total - step) * secondsAStep);
      const facts = { title: 'Training', loss: loss.toFixed(3), accuracy: accuracy?.toFixed(3) ?? '-', left };
      if (bar) {
        if (!started) bar.start(total ?? step, step, facts);
        started = true;
        bar.setTotal(total ?? step);
        bar.update(step, facts);
      } else if (performance.now() - last > LINE_EVERY_MS || step === total) {
        last = performance.now();
        const position = total === undefined ? `step ${step}` : `step ${step} of ${total}`;
        stream.write(
          `${position}: loss ${facts.loss}, type accuracy ${facts.accuracy}, ${secondsAStep.toFixed(2)} s per step, ${left} left\n`,
        );
      }
    },
    stop() {
      bar?.stop();
    },
  };
}

// --- Internal helpers ---

function duration(seconds: number): string {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  return minutes > 0 ? `${minutes} min` : `${Math.max(0, Math.round(seconds))} s`;
}
