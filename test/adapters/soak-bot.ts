/**
 * Runs the bot of a soak test in a separate process, so that its memory use can be measured without the fake's.
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
  /** Bytes of the heap in use after a garbage collection. */
  readonly heap: number;
  /** Bytes outside of the heap, such as buffers. */
  readonly external: number;
  /** How often each call had which outcome, for example `sendMessage flood`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly lines: number;
  /** The number of log lines that contain a secret. */
  readonly leaks: number;
  /** The number of log lines above level info, by message. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** Time passes ten times as fast for Telegram's door, because its rate limits would make 2,000 answers take minutes. */
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

/** The secret part of the token, and parts of the URLs of photos. */
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
// Keeps the process alive between messages.
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
