/** Receives one update: validates it, reads it, stores its request in the inbox, and dispatches it. Then it may be confirmed. */

import type { Admission, Conversation } from '../../../chat/conversation.ts';
import type { Logger } from '../../../util/logger.ts';
import type { UnreachablePlaces } from '../../kit/unreachable-places.ts';
import type { TelegramMetrics } from '../../../metrics/telegram-metrics.ts';
import type { MessageIds } from '../sending/message-ids.ts';
import { readCallbackQuery, readMessage } from '../updates/read-message.ts';
import type { Self } from '../updates/read-text.ts';
import type { Request } from '../updates/request.ts';
import { type Update, updateIdOf, updateSchema } from '../updates/update.ts';
import type { ReceiveUpdate } from '../updates/update-source.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Inbox } from './inbox.ts';

export interface ReceiveUpdateDependencies {
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

export function createReceiveUpdate(dependencies: ReceiveUpdateDependencies): ReceiveUpdate {
  const { conversation, self, photoSide, inbox, dispatcher, ids, unreachable, onMoved, metrics, logger } =
    dependencies;

  function requestOf({ message, channel_post: post, callback_query: query }: Update): Request | undefined {
    const written = message ?? post;
    if (written) return readMessage(written, { self, photoSide, commands: conversation.commands() });
    return query && readCallbackQuery(query);
  }

  async function accept(update: Update): Promise<'accepted' | 'ignored' | 'repeated'> {
    const request = requestOf(update);
    if (!request) return 'ignored';
    // Posted photos that nobody asked about are not stored. Of an album, another message may ask.
    let admission: Admission | undefined;
    const isAlbum = request.kind === 'photos' && request.album !== undefined;
    if (request.kind === 'photos' && request.trigger === 'posted' && !isAlbum) {
      admission = await dispatcher.admit(request);
      if (!admission) return 'ignored';
    }
    if (!(await inbox.accept(update.update_id, request))) return 'repeated';
    dispatcher.dispatch(update.update_id, request, admission);
    return 'accepted';
  }

  return async (raw) => {
    const { data: update } = updateSchema.safeParse(raw);
    if (!update) {
      metrics.update('malformed');
      logger.warn(
        { update: updateIdOf(raw), kinds: raw !== null && typeof raw === 'object' ? Object.keys(raw) : [] },
        'expected a valid update of the Bot API; a malformed one is ignored',
      );
      return;
    }
    const message = update.message ?? update.channel_post ?? update.callback_query?.message;
    if (message) ids.seen(message.chat.id, message.message_id);
    if (update.my_chat_member) unreachable.forget(String(update.my_chat_member.chat.id));
    if (update.message?.migrate_to_chat_id !== undefined) {
      await onMoved(update.message.chat.id, update.message.migrate_to_chat_id);
    }
    metrics.update(await accept(update));
  };
}
