/** Creates the state of the fake from its options. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCallLog, type CallEntry } from './call-log.ts';
import { createChanges, type Changes } from './changes.ts';
import { systemClock, type PlatformClock } from '../clock.ts';
import { createCommandBook } from './command-book.ts';
import { createFaults } from './faults.ts';
import { createFileStore } from './file-store.ts';
import { createFlood, type FloodRules } from './flood.ts';
import { createUpdateQueue } from './update-queue.ts';
import { createWebhook } from './webhook.ts';
import type { World } from './world.ts';

export interface FakeTelegramOptions {
  /** `<bot id>:<secret>`; a harmless one by default. */
  token?: string;
  username?: string;
  /** On by default, as at BotFather: in groups the bot gets only what is meant for it. */
  privacyMode?: boolean;
  clock?: PlatformClock;
  /** Flood control, off by default; `true` switches every rule on. */
  flood?: boolean | Partial<FloodRules>;
  /** Take webhooks on http and on any port, which the real server does only in local mode. Off by default. */
  anyWebhookAddress?: boolean;
  /** A poll that repeats its offset within 3 s hangs 3 s, as on the real server. Off by default: it slows stops. */
  holdRepeatedPolls?: boolean;
  /** A self-hosted Bot API server with --local: absolute file paths, uploads to 2 GB, no download limit. */
  localMode?: boolean;
}

/** An empty Telegram with one bot. */
export function createWorld(options: FakeTelegramOptions): World {
  const { clock = systemClock, token = '7000000001:AAFakeTokenOfTheFakeTelegram-0000001' } = options;
  const { flood = false, privacyMode = true, localMode = false } = options;
  const rules = typeof flood === 'boolean' ? { perChat: flood, perGroup: flood, global: flood } : flood;
  const changes: Changes = createChanges(() => `The bot's last calls:\n${lastCalls(calls.entries)}`);
  const calls = createCallLog({ clock, changes, token });
  const queue = createUpdateQueue({ clock, changes, holdRepeatedPolls: options.holdRepeatedPolls ?? false });
  const anyAddress = options.anyWebhookAddress === true || localMode;
  // People have identifiers beyond 32 bits, as new accounts do.
  const series = {
    album: 1e13,
    callback: 1e15,
    user: 5e9,
    group: -4e6,
    supergroup: -1_002e9,
    accountMessage: 100,
  };
  return {
    token,
    bot: {
      id: Number(token.split(':')[0]),
      is_bot: true,
      first_name: 'Fashion',
      username: options.username ?? 'fashion_fake_bot',
      can_join_groups: true,
      can_read_all_group_messages: !privacyMode,
      supports_inline_queries: false,
      can_connect_to_business: false,
      has_main_web_app: false,
      has_topics_enabled: false,
      allows_users_to_create_topics: false,
      can_manage_bots: false,
      supports_join_request_queries: false,
    },
    clock,
    changes,
    localFolder: localMode ? mkdtempSync(join(tmpdir(), 'fake-telegram-')) : undefined,
    users: new Map(),
    chats: new Map(),
    callbacks: new Map(),
    webPages: new Map(),
    files: createFileStore(clock),
    queue,
    webhook: createWebhook({ clock, changes, queue, anyAddress }),
    commands: createCommandBook(),
    flood: createFlood(clock, { perChat: false, perGroup: false, global: false, ...rules }),
    faults: createFaults(),
    calls,
    next(name) {
      series[name] += name === 'group' || name === 'supergroup' ? -1 : 1;
      return series[name];
    },
    session: { launchedAt: clock.now(), loggedOutUntil: 0 },
  };
}

// --- Internal helpers ---

function lastCalls(entries: readonly CallEntry[]): string {
  const lines = entries
    .slice(-15)
    .map(
      ({ sequence, method, status, description = '' }) =>
        `${sequence} ${method} ${status ?? '...'} ${description}`,
    );
  return lines.length === 0 ? '(none)' : lines.join('\n');
}
