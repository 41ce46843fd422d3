/** Shows "sending a photo…" or "typing…" in a chat for as long as a request from there is being worked on. */

import type { Clock } from '../../../util/clock.ts';
import { createTypingIndicator } from '../../kit/typing-indicator.ts';
import type { BotApi } from '../api/bot-api.ts';
import { ACTION_REPEAT_MS } from '../api/limits.ts';
import { placeIdOf, type RequestContext } from '../updates/request.ts';

export type ChatAction = 'typing' | 'upload_photo';

/** Shows it until the returned function is called. Failures do not matter. */
export type ShowAction = (place: Pick<RequestContext, 'chat' | 'topic'>, action: ChatAction) => () => void;

/** With more places than this, each action is repeated less often, so that there are at most 25 calls a second. */
const PLACES_AT_FULL_RATE = 25 * (ACTION_REPEAT_MS / 1000);

export function createShowAction({
  api,
  clock,
}: {
  readonly api: BotApi;
  readonly clock: Clock;
}): ShowAction {
  const show = createTypingIndicator<PlaceWithAction>({
    clock,
    keyOf: placeIdOf,
    async show({ chat, topic, action }, signal) {
      const payload = { chat_id: chat, action, message_thread_id: topic };
      await api.call('sendChatAction', payload, { signal, timeoutMs: 10_000 }).catch(() => undefined);
      return true;
    },
    repeatMs: (places) => ACTION_REPEAT_MS * Math.max(1, places / PLACES_AT_FULL_RATE),
  });
  return ({ chat, topic }, action) => show({ chat, ...(topic !== undefined && { topic }), action });
}

// --- Internal helpers ---

interface PlaceWithAction extends Pick<RequestContext, 'chat' | 'topic'> {
  readonly action: ChatAction;
}
