/** Keeps a message of the bot up to date, for example the progress of a reindex, even after its interaction token has expired. */

import { type Reply, textReply } from '../../../chat/reply.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import { redactedReason, wasRefused } from '../api/failure.ts';
import { TOKEN_LIFE_MS } from '../api/limits.ts';
import type { BuildMessage, MessageBody } from '../rendering/build-message.ts';

/** A message of the bot that can be edited. */
export interface EditableMessage {
  /** Edits with the token of the interaction, which needs no permissions in the channel. Undefined: it was sent without one. */
  readonly editWithToken?: (body: MessageBody) => Promise<unknown>;
  /** When that token was issued, by the door's clock. */
  readonly tokenSince: number;
  /** Edits as the bot, which must be able to see the channel. */
  readonly editAsBot: (body: MessageBody) => Promise<unknown>;
}

export interface FollowUpdatesDependencies {
  readonly buildMessage: BuildMessage;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

type EditMethod = 'token' | 'bot';

/** Reads the updates to their end. Failures are logged. If the message can no longer be edited, its last edit says so. */
export async function followUpdates(
  dependencies: FollowUpdatesDependencies,
  target: EditableMessage,
  first: Reply,
): Promise<void> {
  const { clock } = dependencies;
  const { updates } = first;
  if (!updates) return;
  const editor = createEditor(dependencies, target, first);
  const end = new AbortController();
  const tokenEnds =
    editor.method() === 'token'
      ? clock.wait(Math.max(0, target.tokenSince + TOKEN_LIFE_MS - clock.now()), end.signal)
      : undefined;
  const states = updates[Symbol.asyncIterator]();
  try {
    for (let next = states.next(); ;) {
      const state = await (editor.method() === 'token' && tokenEnds
        ? Promise.race([next, tokenEnds.then(() => 'token-ends' as const)])
        : next);
      if (state === 'token-ends') {
        await editor.switchToBot();
        continue;
      }
      if (state.done === true) return;
      await editor.show(state.value);
      // Requested only now, so a slow channel sees fewer states.
      next = states.next();
    }
  } finally {
    end.abort();
  }
}

// --- Internal helpers ---

interface Editor {
  /** Undefined: the message can no longer be edited. */
  method(): EditMethod | undefined;
  show(reply: Reply): Promise<void>;
  /** Called while the token is still valid, so that the message can say if the bot cannot edit it. */
  switchToBot(): Promise<void>;
}

function createEditor(
  { buildMessage, clock, logger, signal }: FollowUpdatesDependencies,
  target: EditableMessage,
  first: Reply,
): Editor {
  let method: EditMethod | undefined = target.editWithToken ? 'token' : 'bot';
  let shown = first;

  async function edit(by: EditMethod, reply: Reply): Promise<void> {
    const body = await buildMessage(reply);
    const call = by === 'token' ? target.editWithToken : target.editAsBot;
    await callWithRetry({ clock, signal }, async () => call?.(body));
  }

  async function switchToBot(): Promise<void> {
    method = 'bot';
    try {
      await edit('bot', shown);
    } catch (error) {
      method = undefined;
      logger.warn({ reason: redactedReason(error) }, 'a message can no longer be updated');
      const note = shown.unfollowed === undefined ? [] : textReply(shown.unfollowed).blocks;
      await edit('token', { ...shown, blocks: [...shown.blocks, ...note] }).catch(() => undefined);
    }
  }

  return {
    method: () => method,
    switchToBot,
    async show(reply) {
      shown = reply;
      if (method === undefined) return;
      try {
        await edit(method, reply);
      } catch (error) {
        if (wasRefused(error, 'unknownMessage')) method = undefined;
        else if (method === 'token' && wasRefused(error, 'invalidToken', 'unknownWebhook'))
          await switchToBot();
        else logger.warn({ reason: redactedReason(error) }, 'a message could not be updated');
      }
    },
  };
}
