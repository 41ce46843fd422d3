/** What is worked on: so that the door can finish it before it stops, or say that it cannot. */

export interface Job {
  /** Before the answer leaves. False: the door gave up, and said so. */
  claim(): boolean;
  /** How to say so. */
  onGivingUp(say: () => Promise<void>): void;
}

export interface Jobs {
  /** Never throws; the work handles its own failures. */
  begin(work: (job: Job) => Promise<void>): void;
  /** Resolves when nothing is worked on, or `patience` aborts and whoever waits has been told: with how many that were. */
  finish(patience: AbortSignal): Promise<number>;
}

export function createJobs(): Jobs {
  const open = new Map<Promise<void>, { giveUp(): Promise<void> | undefined }>();
  return {
    begin(work) {
      let state: 'open' | 'claimed' | 'given-up' = 'open';
      let say: (() => Promise<void>) | undefined;
      const job: Job = {
        claim() {
          if (state === 'open') state = 'claimed';
          return state === 'claimed';
        },
        onGivingUp(how) {
          say = how;
        },
      };
      const working = work(job).finally(() => open.delete(working));
      open.set(working, {
        giveUp() {
          if (state !== 'open') return undefined;
          state = 'given-up';
          return say?.();
        },
      });
    },

    async finish(patience) {
      const isOver = new Promise<void>((resolve) => {
        if (patience.aborted) resolve();
        patience.addEventListener('abort', () => {
          resolve();
        });
      });
      while (open.size > 0 && !patience.aborted) await Promise.race([Promise.all(open.keys()), isOver]);
      const told = [...open.values()].map((one) => one.giveUp()).filter((one) => one !== undefined);
      await Promise.allSettled(told);
      return open.size;
    },
  };
}
