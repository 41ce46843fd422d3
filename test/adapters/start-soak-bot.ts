/** Starts the bot of a soak test, and has the helpers that the soak tests of all doors share. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SoakReport } from './soak-bot.ts';

export interface SoakBot {
  /** `memory` reports after a garbage collection. `restart` stops the door and starts another. `stop` also ends the process. */
  ask(what: 'memory' | 'restart' | 'stop'): Promise<SoakReport>;
  readonly ended: Promise<unknown>;
}

/** Resolves when the door of the bot is open. */
export async function startSoakBot(
  door: 'discord' | 'telegram',
  { url, token }: { readonly url: string; readonly token: string },
): Promise<SoakBot> {
  const path = fileURLToPath(new URL('soak-bot.ts', import.meta.url));
  const child: ChildProcess = fork(path, [door, url, token], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  const next = async (): Promise<SoakReport> => {
    const [report] = (await once(child, 'message')) as [SoakReport];
    return report;
  };
  await next();
  return {
    async ask(what) {
      const answer = next();
      child.send(what);
      return answer;
    },
    ended: once(child, 'exit'),
  };
}

/** Numbers from 0 to `sides` - 1, the same at every run. */
export function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}
