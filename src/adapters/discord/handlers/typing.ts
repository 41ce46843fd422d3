/** Shows "is typing" in a channel for as long as a request from there is being worked on. */

import type { SendableChannels } from 'discord.js';
import type { Clock } from '../../../util/clock.ts';
import { createTypingIndicator } from '../../kit/typing-indicator.ts';
import { TYPING_REPEAT_MS } from '../api/limits.ts';

/** Shows it until the returned function is called. Failures do not matter. */
export type ShowTyping = (channel: SendableChannels) => () => void;

export function createShowTyping({ clock }: { readonly clock: Clock }): ShowTyping {
  return createTypingIndicator<SendableChannels>({
    clock,
    keyOf: ({ id }) => id,
    async show(channel) {
      try {
        await channel.sendTyping();
        return true;
      } catch {
        // The answer will show whether the bot may write there. An indicator is not worth a second refusal.
        return false;
      }
    },
    repeatMs: () => TYPING_REPEAT_MS,
  });
}
