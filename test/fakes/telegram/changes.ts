/** Wakes waiting tests when something in the fake changes, so that no test has to sleep. */

export interface Changes {
  notify(): void;
  /**
   * Resolves with the first truthy value of `probe`, which is called now and after every change.
   * Rejects after `timeout` ms of real time (10,000 by default) with `describe()` in the message.
   */
  waitFor: <T>(
    probe: () => T,
    what: string,
    timeout?: number,
  ) => Promise<Exclude<T, undefined | null | false | 0 | ''>>;
}

export function createChanges(describe: () => string): Changes {
  const waiting = new Set<() => void>();
  return {
    notify() {
      for (const check of [...waiting]) check();
    },
    waitFor<T>(probe: () => T, what: string, timeout = 50_000) {
      return new Promise<Exclude<T, undefined | null | false | 0 | ''>>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`Waited ${timeout} ms in vain for ${what}.\n${describe()}`));
        }, timeout);
        const check = () => {
          let value: T;
          try {
            value = probe();
          } catch (error) {
            settle();
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          if (!value) return;
          settle();
          resolve(value as Exclude<T, undefined | null | false | 0 | ''>);
        };
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      });
    },
  };
}
