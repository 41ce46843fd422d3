/** Shows "is typing" in a channel for as long as something is worked on there. */

import type { SendableChannels } from 'discord.js';
import type { Clock } from '../../../chat/clock.ts';
import { TYPING_REPEAT_MS } from '../api/limits.ts';

/** Shows it at once and again whenever it would end, until the returned function is called. Failures do not matter. */
export type ShowTyping = (channel: SendableChannels) => () => void;

export function createShowTyping({ clock }: { readonly clock: Clock }): ShowTyping {
  /** Pieces of work in each channel; one sign is enough for all of them. */
  const shown = new Map<string, { users: number; readonly end: AbortController }>();

  async function show(channel: SendableChannels, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await channel.sendTyping();
      } catch {
        // Whether the bot may speak there is found out by the answer; a sign is not worth a second refusal.
        return;
      }
      await clock.wait(TYPING_REPEAT_MS, signal);
    }
  }

  return (channel) => {
    const sign = shown.get(channel.id) ?? { users: 0, end: new AbortController() };
    sign.users++;
    if (!shown.has(channel.id)) {
      shown.set(channel.id, sign);
      void show(channel, sign.end.signal);
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--sign.users > 0) return;
      sign.end.abort();
      shown.delete(channel.id);
    };
  };
}
