/** Keeps the process alive during work that waits for a platform: the product clock's timers alone do not. */

export async function keepAlive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
