/** Waits for something that may never come, but not longer than a limit. */

/**
 * What `work` brings. When it takes too long or the signal aborts, it is left behind, and whatever becomes of it is ignored.
 * @throws what `work` throws, the signal's reason, or `late()` after so many milliseconds.
 */
export async function withTimeout<T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  late: () => Error,
): Promise<T> {
  signal?.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      end();
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      end();
      reject(late());
    }, limitMs);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    work().then(resolve, reject).finally(end);
  });
}
