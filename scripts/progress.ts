/** Shows how far a reindex, or other work that embeds, has come: a bar on a terminal, elsewhere a plain line every five seconds. */

import type { ReindexProgress } from '../src/reindex/reindex-options.ts';
import { createTerminalBar } from './terminal-bar.ts';

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
/** Time between two plain lines. */
const LINE_EVERY_MS = 5_000;
/** The rate is measured over about this long, so that a run that begins with cached items soon shows its real pace. */
const RATE_WINDOW_MS = 10_000;

/** @param stream usually standard error, so that standard output holds only the summary. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const bar = stream.isTTY
    ? createTerminalBar({
        stream,
        facts: ({ rate, left }, { value, total }) => [
          `${total > 0 ? Math.floor((value / total) * 100) : 100} %`,
          `${value}/${total}`,
          `${left ?? '-'} left`,
          rate ?? '-',
        ],
      })
    : undefined;
  let phase: ReindexProgress['phase'] | undefined;
  let samples: { at: number; done: number }[] = [];
  let lastLine = -Infinity;

  /** Items per second over the window, and the time left at that rate. */
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

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
