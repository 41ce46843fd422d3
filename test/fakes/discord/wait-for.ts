/** Waits until the state of the fake is what a test expects. Checks after every change instead of sleeping. */

import type { EventEmitter } from 'node:events';

/**
 * Resolves with the first result of `look` that is neither undefined, null nor false. `what` names it in the error
 * that comes after 10 s, or after `timeoutMs`. An exception of `look` counts as "not yet" and is reported at the end.
 */
export type WaitFor = <T>(
  what: string,
  look: () => T | undefined | null | false,
  timeoutMs?: number,
) => Promise<T>;

export function createWaitFor(changes: EventEmitter): WaitFor {
  return async (what, look, timeoutMs = 50_000) =>
    new Promise((resolve, reject) => {
      let cause: unknown;
      const check = (): void => {
        try {
          const found = look();
          if (found === undefined || found === null || found === false) return;
          finish();
          resolve(found);
        } catch (error) {
          cause = error;
        }
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`Waited ${timeoutMs} ms in vain for ${what}.`, { cause }));
      }, timeoutMs);
      // Time alone can also make it true (an interaction that failed), hence the slow second look.
      const ticker = setInterval(check, 100);
      const finish = (): void => {
        clearTimeout(timer);
        clearInterval(ticker);
        changes.off('change', check);
      };
      changes.on('change', check);
      check();
    });
}
