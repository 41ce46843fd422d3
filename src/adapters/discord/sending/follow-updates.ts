/** Keeps a message up to date, such as the progress of a reindex, also when the token of its interaction has expired. */

import type { Clock } from '../../../util/clock.ts';
import { type Reply, textReply } from '../../../chat/reply.ts';
import type { Logger } from '../../../util/logger.ts';
import { callSteadily } from '../api/call-steadily.ts';
import { reasonOf, wasRefused } from '../api/failure.ts';
import { TOKEN_LIFE_MS } from '../api/limits.ts';
import type { BuildMessage, MessageBody } from '../rendering/build-message.ts';

/** A message of the bot that can be changed. */
export interface Editable {
  /** With the token of an interaction, which needs no rights in the channel. Undefined: it was not sent with one. */
  readonly withToken?: (body: MessageBody) => Promise<unknown>;
  /** When that token was given, by the clock of the door. */
  readonly tokenSince: number;
  /** As the bot, which needs to see the channel. */
  readonly asBot: (body: MessageBody) => Promise<unknown>;
}

export interface FollowDependencies {
  readonly buildMessage: BuildMessage;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

/** Reads to the end. Failures are logged, and where the message cannot be edited any more, it says so last. */
export async function followUpdates(
  dependencies: FollowDependencies,
  target: Editable,
  first: Reply,
): Promise<void> {
  const { buildMessage, clock, logger } = dependencies;
  const { updates } = first;
  if (!updates) return;
  let way: 'token' | 'bot' | 'none' = target.withToken ? 'token' : 'bot';
  let shown: Reply = first;

  async function edit(by: 'token' | 'bot', reply: Reply): Promise<void> {
    const body = await buildMessage(reply);
    const call = by === 'token' ? target.withToken : target.asBot;
    await callSteadily(dependencies, async () => call?.(body));
  }

  async function show(reply: Reply): Promise<void> {
    shown = reply;
    if (way === 'none') return;
    try {
      await edit(way, reply);
    } catch (error) {
      if (wasRefused(error, 'unknownMessage')) way = 'none';
      else if (way === 'token' && wasRefused(error, 'invalidToken', 'unknownWebhook')) await handOver();
      else logger.warn({ reason: reasonOf(error) }, 'a message could not be brought up to date');
    }
  }

  /** From the token to the bot itself, while the token still works so that it can say when that fails. */
  async function handOver(): Promise<void> {
    way = 'bot';
    try {
      await edit('bot', shown);
    } catch (error) {
      way = 'none';
      logger.warn({ reason: reasonOf(error) }, 'a message cannot be brought up to date any longer');
      const note = shown.unfollowed === undefined ? [] : textReply(shown.unfollowed).blocks;
      await edit('token', { ...shown, blocks: [...shown.blocks, ...note] }).catch(() => undefined);
    }
  }

  const end = new AbortController();
  const tokenEnds =
    way === 'token'
      ? clock.wait(Math.max(0, target.tokenSince + TOKEN_LIFE_MS - clock.now()), end.signal)
      : undefined;
  const states = updates[Symbol.asyncIterator]();
  try {
    for (let next = states.next(); ;) {
      const state = await (way === 'token' && tokenEnds
        ? Promise.race([next, tokenEnds.then(() => 'token-ends' as const)])
        : next);
      if (state === 'token-ends') {
        await handOver();
        continue;
      }
      if (state.done === true) return;
      await show(state.value);
      // Asked for only now, so a slow channel sees fewer states.
      next = states.next();
    }
  } finally {
    end.abort();
  }
}
