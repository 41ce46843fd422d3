/** One update in: checked, read, put into the inbox, handed to the dispatcher. When this resolves it may be confirmed. */

import type { Admission, Conversation } from '../../../chat/conversation.ts';
import type { UnreachablePlaces } from '../../kit/unreachable-places.ts';
import type { Logger } from '../../../util/logger.ts';
import type { Dispatcher } from '../handlers/dispatcher.ts';
import type { Inbox } from './inbox.ts';
import type { MessageIds } from '../sending/message-ids.ts';
import type { TelegramMetrics } from '../../../metrics/telegram-metrics.ts';
import { readMessage, readPress } from './read-message.ts';
import type { Self } from './read-text.ts';
import type { Request } from './request.ts';
import { type Update, updateIdOf, updateSchema } from './update.ts';

/**
 * Never throws for what the update holds.
 * @throws when the update cannot be kept: the store fails, or the bot shuts down. It must then not be confirmed.
 */
export type ReceiveUpdate = (raw: unknown) => Promise<void>;

export interface ReceiveDependencies {
  readonly conversation: Pick<Conversation, 'commands'>;
  readonly self: Self;
  readonly photoSide: number;
  readonly inbox: Inbox;
  readonly dispatcher: Dispatcher;
  readonly ids: MessageIds;
  readonly unreachable: UnreachablePlaces;
  /** A group became a supergroup. */
  readonly onMoved: (from: number, to: number) => Promise<void>;
  readonly metrics: Pick<TelegramMetrics, 'update'>;
  readonly logger: Pick<Logger, 'warn'>;
}

export function createReceiveUpdate(dependencies: ReceiveDependencies): ReceiveUpdate {
  const { conversation, self, photoSide, inbox, dispatcher, ids, unreachable, onMoved, metrics, logger } =
    dependencies;

  function requestOf({ message, channel_post: post, callback_query: query }: Update): Request | undefined {
    const said = message ?? post;
    if (said) return readMessage(said, { self, photoSide, commands: conversation.commands() });
    return query && readPress(query);
  }

  async function accept(update: Update): Promise<'accepted' | 'ignored' | 'repeated'> {
    const request = requestOf(update);
    if (!request) return 'ignored';
    // What nobody asked for is not worth a record. Of an album another part may ask.
    const isAlbum = request.kind === 'photos' && request.album !== undefined;
    let admission: Admission | undefined;
    if (request.kind === 'photos' && request.trigger === 'posted' && !isAlbum) {
      admission = await dispatcher.admit(request);
      if (!admission) return 'ignored';
    }
    if (!(await inbox.accept(update.update_id, request))) return 'repeated';
    dispatcher.take(update.update_id, request, admission);
    return 'accepted';
  }

  return async (raw) => {
    const { data: update } = updateSchema.safeParse(raw);
    if (!update) {
      metrics.update('malformed');
      logger.warn(
        { update: updateIdOf(raw), kinds: raw !== null && typeof raw === 'object' ? Object.keys(raw) : [] },
        'expected an update of the Bot API, got something else; it is left out',
      );
      return;
    }
    const said = update.message ?? update.channel_post ?? update.callback_query?.message;
    if (said) ids.seen(said.chat.id, said.message_id);
    if (update.my_chat_member) unreachable.forget(String(update.my_chat_member.chat.id));
    if (update.message?.migrate_to_chat_id !== undefined) {
      await onMoved(update.message.chat.id, update.message.migrate_to_chat_id);
    }
    metrics.update(await accept(update));
  };
}
