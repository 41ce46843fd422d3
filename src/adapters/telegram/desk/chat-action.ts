/** Shows "sending a photo…" or "typing…" in a chat for as long as something is worked on there. */

import type { Clock } from '../../../chat/clock.ts';
import type { BotApi } from '../api/bot-api.ts';
import { ACTION_REPEAT_MS } from '../api/limits.ts';
import { type Asked, placeOf } from '../intake/request.ts';

export type ChatAction = 'typing' | 'upload_photo';

/** Shows it at once and again whenever it would end, until the returned function is called. Failures do not matter. */
export type ShowAction = (asked: Pick<Asked, 'chat' | 'topic'>, action: ChatAction) => () => void;

/** With more chats than that at work, each is shown it less often, so that all together make no more than 25 calls a second. */
const OFTEN = 25 * (ACTION_REPEAT_MS / 1000);

export function createShowAction({
  api,
  clock,
}: {
  readonly api: BotApi;
  readonly clock: Clock;
}): ShowAction {
  /** Pieces of work in each place; one sign is enough for all of them. */
  const shown = new Map<string, { users: number; readonly end: AbortController }>();

  async function show(
    asked: Pick<Asked, 'chat' | 'topic'>,
    action: ChatAction,
    signal: AbortSignal,
  ): Promise<void> {
    const payload = { chat_id: asked.chat, action, message_thread_id: asked.topic };
    while (!signal.aborted) {
      await api.call('sendChatAction', payload, { signal, timeoutMs: 10_000 }).catch(() => undefined);
      await clock.wait(ACTION_REPEAT_MS * Math.max(1, shown.size / OFTEN), signal);
    }
  }

  return (asked, action) => {
    const place = placeOf(asked);
    const known = shown.get(place);
    const sign = known ?? { users: 0, end: new AbortController() };
    sign.users++;
    if (!known) {
      shown.set(place, sign);
      void show(asked, action, sign.end.signal);
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--sign.users > 0) return;
      sign.end.abort();
      shown.delete(place);
    };
  };
}
