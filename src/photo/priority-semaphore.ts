/** Limits how many photos are decoded at once. Interactive tasks go first, and bulk tasks never take the last slot. */

import type { Priority } from '../embed/embedder.ts';
import { BusyError } from '../util/errors.ts';

export interface PrioritySemaphoreOptions {
  readonly priority: Priority;
  /** Removes a waiting task from the queue; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface PrioritySemaphore {
  /**
   * Runs a task as soon as a slot of its priority is free.
   * @throws {BusyError} when too many tasks of that priority are waiting.
   */
  run<T>(task: () => Promise<T>, options: PrioritySemaphoreOptions): Promise<T>;
}

/**
 * @param slots most tasks that run at once, at least 1. Bulk tasks use all but one of them, or the only one.
 * @param capacity most tasks that may wait, by priority.
 */
export function createPrioritySemaphore(
  slots: number,
  capacity: Readonly<Record<Priority, number>>,
): PrioritySemaphore {
  const bulkSlots = Math.max(1, slots - 1);
  const waiting: Readonly<Record<Priority, (() => void)[]>> = { interactive: [], bulk: [] };
  const running: Record<Priority, number> = { interactive: 0, bulk: 0 };

  function startNext(): void {
    while (running.interactive + running.bulk < slots) {
      const priority = waiting.interactive.length > 0 || running.bulk >= bulkSlots ? 'interactive' : 'bulk';
      const start = waiting[priority].shift();
      if (!start) return;
      running[priority]++;
      start();
    }
  }

  function enter({ priority, signal }: PrioritySemaphoreOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const queue = waiting[priority];
      if (queue.length >= capacity[priority]) {
        throw new BusyError(`${queue.length} photos are already waiting. Try again in a moment.`, 1);
      }
      const start = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(start), 1);
        reject(signal?.reason as Error);
      };
      queue.push(start);
      signal?.addEventListener('abort', leave, { once: true });
      startNext();
    });
  }

  return {
    async run(task, options) {
      await enter(options);
      try {
        return await task();
      } finally {
        running[options.priority]--;
        startNext();
      }
    },
  };
}
