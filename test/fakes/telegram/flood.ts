/** Flood control: about one message per second and chat, 20 per minute and group, 30 per second in total. */
import { tooManyRequests } from './api-error.ts';
import type { PlatformClock } from '../clock.ts';
import { limits } from './limits.ts';

export interface FloodRules {
  /** One message a second and chat on average, with short bursts. */
  perChat: boolean;
  /** Twenty messages, and twenty edits, a minute and group. */
  perGroup: boolean;
  /** Thirty messages a second over all chats. */
  global: boolean;
}

export interface Flood {
  /** Counts `messages` new messages (or edits) of a chat, or throws 429 with the seconds to wait. */
  charge(kind: 'message' | 'edit', chatId: number, isGroup: boolean, messages: number): void;
}

/** A refused call counts for nothing, but the chat stays shut until its `retry_after` is over. */
export function createFlood(clock: PlatformClock, rules: FloodRules): Flood {
  const shutUntil = new Map<string, number>();
  const sent = new Map<string, number[]>();

  function check(key: string, window: number, most: number, messages: number): number {
    const now = clock.now();
    const shut = shutUntil.get(key) ?? 0;
    if (shut > now) return shut - now;
    const recent = (sent.get(key) ?? []).filter((at) => at > now - window);
    sent.set(key, recent);
    const surplus = recent.length + messages - most;
    if (surplus <= 0) return 0;
    // Enough of the oldest must leave the window; a call larger than the whole window waits for all of it.
    const leaving = recent[Math.min(surplus, recent.length) - 1] ?? now;
    return Math.max(leaving + window - now, 1);
  }

  return {
    charge(kind, chatId, isGroup, messages) {
      const applied: [key: string, window: number, most: number][] = [];
      if (kind === 'message' && rules.perChat) {
        const burst = limits.chatBurst.value;
        applied.push([`chat ${chatId}`, (burst / limits.chatRate.value) * 1000, burst]);
      }
      if (isGroup && rules.perGroup) {
        const most = kind === 'message' ? limits.groupRate.value : limits.groupEditRate.value;
        applied.push([`group ${chatId} ${kind}`, 60_000, most]);
      }
      if (rules.global) applied.push(['all', 1000, limits.globalRate.value]);
      for (const [key, window, most] of applied) {
        const wait = check(key, window, most, messages);
        if (wait === 0) continue;
        const whole = Math.ceil(wait / 1000);
        if ((shutUntil.get(key) ?? 0) <= clock.now()) shutUntil.set(key, clock.now() + whole * 1000);
        throw tooManyRequests(whole);
      }
      for (const [key] of applied) {
        sent.get(key)?.push(...Array.from({ length: messages }, () => clock.now()));
      }
    },
  };
}
