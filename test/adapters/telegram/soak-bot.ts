/**
 * The bot of the soak as a process of its own, so that its memory can be told from the fake's. Time passes ten times as fast
 * for it, because Telegram's pace would make 2,000 answers last minutes.
 * Arguments: address and token of the fake. Messages in: `memory`, `restart`, `stop`.
 */

import { once } from 'node:events';
import { pino } from 'pino';
import { createTelegramAdapter } from '../../../src/adapters/telegram/telegram-adapter.ts';
import { type Clock, systemClock } from '../../../src/chat/clock.ts';
import { createScenarioBot } from '../../scenarios/scenario-bot.ts';

export interface SoakReport {
  readonly kind: 'ready' | 'memory' | 'stopped';
  /** Bytes in use after a collection. */
  readonly heap: number;
  /** Bytes outside of the heap: buffers. */
  readonly external: number;
  /** How often each thing happened, for example `sendMessage flood`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly lines: number;
  /** Log lines with something in them that must not be there. */
  readonly leaks: number;
  /** Lines above info, by their text. */
  readonly warnings: Readonly<Record<string, number>>;
}

const HASTE = 10;
const began = Date.now();
const clock: Clock = {
  now: () => began + (Date.now() - began) * HASTE,
  wait: (ms, signal) => systemClock.wait(ms / HASTE, signal),
};

const [url = '', token = ''] = process.argv.slice(2);
const counts: Record<string, number> = {};
const warnings: Record<string, number> = {};
let [lines, leaks] = [0, 0];

function count(name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function write(line: string): void {
  lines++;
  if (line.includes(token.split(':')[1] ?? token) || line.includes('/file/')) leaks++;
  const { level, msg } = JSON.parse(line) as { level: number; msg: string };
  if (level > 30) warnings[msg] = (warnings[msg] ?? 0) + 1;
}

const bot = await createScenarioBot();

function createAdapter() {
  return createTelegramAdapter({
    conversation: bot.conversation,
    catalogue: bot.catalogue,
    pictures: bot.pictures,
    store: bot.store,
    settings: { token, apiUrl: url, admins: [] },
    maxPhotoBytes: bot.maxPhotoBytes,
    photoSide: bot.photoSide,
    metrics: {
      call: (method, outcome) => {
        count(`${method} ${outcome}`);
      },
      update: (outcome) => {
        count(`update ${outcome}`);
      },
    },
    logger: pino({ level: 'info' }, { write }),
    clock,
  });
}

let adapter = createAdapter();
await adapter.start();

function report(kind: SoakReport['kind']): void {
  globalThis.gc?.();
  const { heapUsed: heap, external } = process.memoryUsage();
  process.send?.({ kind, heap, external, counts, lines, leaks, warnings } satisfies SoakReport);
}

report('ready');
// Holds the process while nothing is listened for.
const alive = setInterval(() => undefined, 1000);
for (;;) {
  const [message] = (await once(process, 'message')) as [string];
  if (message === 'memory') report('memory');
  if (message === 'restart') {
    await adapter.stop();
    adapter = createAdapter();
    await adapter.start();
    report('ready');
  }
  if (message === 'stop') break;
}
await adapter.stop();
report('stopped');
await bot.close();
clearInterval(alive);
process.disconnect();
