/** Aborts work when one of several signals aborts. */

/**
 * Aborts `controller` as soon as one of `signals` aborts, with that signal's reason. `AbortSignal.any` would do the same,
 * but on Node 20 a long-lived signal keeps every signal that was derived from it.
 * @returns a function that stops listening; call it when the work has ended.
 */
export function abortWith(controller: AbortController, signals: readonly AbortSignal[]): () => void {
  const abort = (event: Event): void => {
    controller.abort((event.target as AbortSignal).reason);
  };
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', abort, { once: true });
  }
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  };
}
