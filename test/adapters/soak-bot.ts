/**
 * The bot of a soak as a process of its own, so that its memory can be told from the fake's.
 * Arguments: `discord` or `telegram`, address and token of the fake. Messages in: `memory`, `restart`, `stop`.
 */

import { once } from 'node:events';
import { pino } from 'pino';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { createDiscordAdapter } from '../../src/adapters/discord/discord-adapter.ts';
import { createTelegramAdapter } from '../../src/adapters/telegram/telegram-adapter.ts';
import { type Clock, systemClock } from '../../src/util/clock.ts';
import { createScenarioBot } from '../scenarios/scenario-bot.ts';

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

/** Time passes ten times as fast for Telegram's door, because its pace would make 2,000 answers last minutes. */
const SPEED_UP = 10;
const began = Date.now();
const fastClock: Clock = {
  now: () => began + (Date.now() - began) * SPEED_UP,
  wait: (ms, signal) => systemClock.wait(ms / SPEED_UP, signal),
};

const [door = '', url = '', token = ''] = process.argv.slice(2);
const counts: Record<string, number> = {};
const warnings: Record<string, number> = {};
let [lines, leaks] = [0, 0];

/** The part of the token that is one, and what addresses of photos have in them. */
const SECRETS = [token.split(/[:.]/).at(-1) ?? token, '/file/', '/attachments/', 'hm='];

function count(name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function write(line: string): void {
  lines++;
  if (SECRETS.some((secret) => line.includes(secret))) leaks++;
  const { level, msg } = JSON.parse(line) as { level: number; msg: string };
  if (level > 30) warnings[msg] = (warnings[msg] ?? 0) + 1;
}

const bot = await createScenarioBot();

const logger = pino({ level: 'info' }, { write });

const ADAPTERS: Readonly<Record<string, () => Adapter>> = {
  telegram: () =>
    createTelegramAdapter({
      ...bot,
      settings: { token, apiUrl: url, admins: [] },
      metrics: {
        call: (method, outcome) => {
          count(`${method} ${outcome}`);
        },
        update: (outcome) => {
          count(`update ${outcome}`);
        },
      },
      logger,
      clock: fastClock,
    }),
  discord: () =>
    createDiscordAdapter({
      ...bot,
      settings: {
        token,
        apiUrl: url,
        guildId: undefined,
        moderatorRoles: [],
        shards: 1,
        messageContent: true,
      },
      metrics: {
        event: (outcome) => {
          count(`event ${outcome}`);
        },
        call: (method, route, status) => {
          count(`${method} ${route} ${status}`);
        },
        limited: (scope) => {
          count(`waited for ${scope}`);
        },
        invalidRequest: () => {
          count('refused');
        },
      },
      logger,
    }),
};

function createAdapter(): Adapter {
  const create = ADAPTERS[door];
  if (!create) throw new Error(`expected discord or telegram, got ${door}`);
  return create();
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
