/** Shows "is typing" in a channel for as long as something is worked on there. */

import type { SendableChannels } from 'discord.js';
import type { Clock } from '../../../util/clock.ts';
import { createTypingIndicator } from '../../kit/typing-indicator.ts';
import { TYPING_REPEAT_MS } from '../api/limits.ts';

/** Shows it at once and again whenever it would end, until the returned function is called. Failures do not matter. */
export type ShowTyping = (channel: SendableChannels) => () => void;

export function createShowTyping({ clock }: { readonly clock: Clock }): ShowTyping {
  return createTypingIndicator<SendableChannels>(
    ({ id }) => id,
    async (channel, signal) => {
      while (!signal.aborted) {
        try {
          await channel.sendTyping();
        } catch {
          // Whether the bot may speak there is found out by the answer; a sign is not worth a second refusal.
          return;
        }
        await clock.wait(TYPING_REPEAT_MS, signal);
      }
    },
  );
}
