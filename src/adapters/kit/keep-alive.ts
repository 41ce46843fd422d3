/** Keeps the process until some work is done: the clock's timers let it end, and what waits for a platform must not be cut short. */

export async function keepAlive<T>(work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, 1000);
  try {
    return await work();
  } finally {
    clearInterval(alive);
  }
}
