/** Starts the bot of a soak, and what soaks of all doors share. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SoakReport } from './soak-bot.ts';

export interface SoakBot {
  /** `memory`: after a collection. `restart`: the door stops and another starts. `stop`: the process ends too. */
  ask(what: 'memory' | 'restart' | 'stop'): Promise<SoakReport>;
  readonly ended: Promise<unknown>;
}

/** Resolves when its door is open. */
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
