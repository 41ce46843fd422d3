/** Shows "sending a photo…" or "typing…" in a chat for as long as something is worked on there. */

import type { Clock } from '../../../util/clock.ts';
import { createTypingIndicator } from '../../kit/typing-indicator.ts';
import type { BotApi } from '../api/bot-api.ts';
import { ACTION_REPEAT_MS } from '../api/limits.ts';
import { type Asked, placeOf } from '../updates/request.ts';

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
  const signs = createTypingIndicator<Shown>(
    ({ asked }) => placeOf(asked),
    async ({ asked, action }, signal, places) => {
      const payload = { chat_id: asked.chat, action, message_thread_id: asked.topic };
      while (!signal.aborted) {
        await api.call('sendChatAction', payload, { signal, timeoutMs: 10_000 }).catch(() => undefined);
        await clock.wait(ACTION_REPEAT_MS * Math.max(1, places() / OFTEN), signal);
      }
    },
  );
  return (asked, action) => signs({ asked, action });
}

interface Shown {
  readonly asked: Pick<Asked, 'chat' | 'topic'>;
  readonly action: ChatAction;
}
