/** A sign such as "is typing" for as long as something is worked on in a place: one for all pieces of work there. */

/** Shows it again and again until the signal aborts; `places` are those with a sign just now. */
export type ShowTyping<P> = (place: P, signal: AbortSignal, places: () => number) => Promise<void>;

/** Begins to work in a place; the returned function ends it. `show` must not throw. */
export function createTypingIndicator<P>(
  keyOf: (place: P) => string,
  show: ShowTyping<P>,
): (place: P) => () => void {
  const shown = new Map<string, { users: number; readonly end: AbortController }>();

  return (place) => {
    const key = keyOf(place);
    const known = shown.get(key);
    const sign = known ?? { users: 0, end: new AbortController() };
    sign.users++;
    if (!known) {
      shown.set(key, sign);
      void show(place, sign.end.signal, () => shown.size);
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--sign.users > 0) return;
      sign.end.abort();
      shown.delete(key);
    };
  };
}
