/** Progress of a reindex, and of whatever else embeds: a bar with rate and time left on a terminal, a plain line now and then elsewhere. */

import { SingleBar } from 'cli-progress';
import type { ReindexProgress } from '../src/reindex/reindex-options.ts';

export interface Progress {
  readonly update: (progress: ReindexProgress) => void;
  /** Leaves the terminal in order. Idempotent. */
  stop(): void;
}

const TITLES: Readonly<Record<ReindexProgress['phase'], string>> = {
  plan: 'Reading and comparing',
  embed: 'Reading and embedding',
  index: 'Building the index',
};
/** Between two plain lines. */
const LINE_EVERY_MS = 5_000;
/** The rate is measured over about this long, so that a run that begins with cached items soon tells the truth. */
const RATE_WINDOW_MS = 10_000;

/** @param stream usually standard error, so that standard output holds only the summary. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const bar = stream.isTTY ? terminalBar(stream) : undefined;
  let phase: ReindexProgress['phase'] | undefined;
  let samples: { at: number; done: number }[] = [];
  let lastLine = -Infinity;

  /** Records a second over the window, and seconds left at that rate. */
  function pace(done: number, total: number): { rate: string; left: string } {
    const now = performance.now();
    const newest = samples.at(-1);
    if (!newest || now - newest.at > 250) samples.push({ at: now, done });
    while (samples.length > 2 && now - samples[0]!.at > RATE_WINDOW_MS) samples.shift();
    const oldest = samples[0]!;
    const perSecond = now > oldest.at ? ((done - oldest.done) * 1000) / (now - oldest.at) : 0;
    return {
      rate: perSecond > 0 ? `${Math.round(perSecond)}/s` : '-',
      left: perSecond > 0 ? duration((total - done) / perSecond) : '-',
    };
  }

  return {
    update(progress) {
      const { done, total } = progress;
      if (progress.phase !== phase) {
        bar?.stop();
        phase = progress.phase;
        samples = [];
        lastLine = -Infinity;
        bar?.start(total, 0, { title: TITLES[phase], rate: '-', left: '-' });
      }
      const { rate, left } = pace(done, total);
      if (bar) {
        bar.update(done, { rate, left });
      } else if (performance.now() - lastLine > LINE_EVERY_MS || done === total) {
        lastLine = performance.now();
        const percent = total > 0 ? Math.floor((done / total) * 100) : 100;
        const pace = rate === '-' ? '' : `, ${rate}, ${left} left`;
        stream.write(`${TITLES[progress.phase]}: ${done} of ${total} (${percent} %)${pace}\n`);
      }
    },
    stop() {
      bar?.stop();
    },
  };
}

// --- Internal helpers ---

function terminalBar(stream: NodeJS.WriteStream): SingleBar {
  return new SingleBar({
    stream,
    format: '{title} [{bar}] {percentage} % | {value}/{total} | {rate} | {left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    fps: 5,
    // Ctrl-C belongs to the script, which finishes in order.
    gracefulExit: false,
  });
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
