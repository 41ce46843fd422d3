/** Requests that are being worked on, so that the door can finish them before it stops, or tell people that it cannot. */

export interface Job {
  /** Call it before the answer is sent. False: the door gave up on this job and notified the person. */
  claim(): boolean;
  /** Sets how the person is notified when the door gives up. */
  onGivingUp(tell: () => Promise<void>): void;
}

export interface Jobs {
  /** Never throws. The work handles its own failures. */
  begin(work: (job: Job) => Promise<void>): void;
  /**
   * Waits until no job is open. When `outOfTime` aborts, it gives up on jobs that are not claimed and tells those people.
   * @returns how many jobs are still open.
   */
  finish(outOfTime: AbortSignal): Promise<number>;
}

export function createJobs(): Jobs {
  const open = new Map<Promise<void>, { giveUp(): Promise<void> | undefined }>();
  return {
    begin(work) {
      let state: 'open' | 'claimed' | 'given-up' = 'open';
      let tell: (() => Promise<void>) | undefined;
      const job: Job = {
        claim() {
          if (state === 'open') state = 'claimed';
          return state === 'claimed';
        },
        onGivingUp(how) {
          tell = how;
        },
      };
      const working = work(job).finally(() => open.delete(working));
      open.set(working, {
        giveUp() {
          if (state !== 'open') return undefined;
          state = 'given-up';
          return tell?.();
        },
      });
    },

    async finish(outOfTime) {
      const isOutOfTime = new Promise<void>((resolve) => {
        if (outOfTime.aborted) resolve();
        outOfTime.addEventListener('abort', () => {
          resolve();
        });
      });
      while (open.size > 0 && !outOfTime.aborted) await Promise.race([Promise.all(open.keys()), isOutOfTime]);
      const telling = [...open.values()]
        .map((job) => job.giveUp())
        .filter((promise) => promise !== undefined);
      await Promise.allSettled(telling);
      return open.size;
    },
  };
}
