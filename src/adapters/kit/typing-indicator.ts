/** An indicator such as "is typing" in a place, for as long as any request from there is being worked on. */

import type { Clock } from '../../util/clock.ts';

export interface TypingIndicatorOptions<P> {
  readonly clock: Clock;
  readonly keyOf: (place: P) => string;
  /** Shows the indicator once; platforms remove it after some seconds. Must not throw. @returns whether to go on showing it. */
  readonly show: (place: P, signal: AbortSignal) => Promise<boolean>;
  /** Milliseconds until it is shown again. @param places how many places have an indicator now. */
  readonly repeatMs: (places: number) => number;
}

/** Shows the indicator until the returned function is called. Requests from the same place share one indicator. */
export function createTypingIndicator<P>(options: TypingIndicatorOptions<P>): (place: P) => () => void {
  const { clock, keyOf, show, repeatMs } = options;
  const active = new Map<string, { requests: number; readonly end: AbortController }>();

  async function showUntil(place: P, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await show(place, signal))) await clock.wait(repeatMs(active.size), signal);
  }

  return (place) => {
    const key = keyOf(place);
    const known = active.get(key);
    const indicator = known ?? { requests: 0, end: new AbortController() };
    indicator.requests++;
    if (!known) {
      active.set(key, indicator);
      void showUntil(place, indicator.end.signal);
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--indicator.requests > 0) return;
      indicator.end.abort();
      active.delete(key);
    };
  };
}
