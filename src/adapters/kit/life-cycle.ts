/** The life of a door to a chat platform: it opens even if the platform is down at first, and it stops within a limit. */

import { setMaxListeners } from 'node:events';
import type { Clock } from '../../util/clock.ts';
import { ClosedError, OperatorError } from '../../util/errors.ts';
import type { Logger } from '../../util/logger.ts';
import { firstWithin } from '../../util/with-timeout.ts';
import type { Adapter } from '../adapter.ts';
import { keepAlive } from './keep-alive.ts';

export interface DoorSignals {
  /** Aborted when `stop()` is called: nothing new is accepted. */
  readonly stopping: AbortSignal;
  /** Aborted when `stop()` has waited `stopPatienceMs` for the last answers, and in any case before the door closes. */
  readonly outOfTime: AbortSignal;
  /** Aborted when `finish` has settled: every call that still runs is given up. */
  readonly closing: AbortSignal;
}

export interface RepeatOptions {
  readonly everyMs: number;
  /** Whether the first run is now, and not after the first `everyMs`. */
  readonly atOnce: boolean;
}

/** What `open` may use. */
export interface OpeningDoor {
  readonly signals: DoorSignals;
  /** Starts work that `stop()` waits for. A failure is logged. */
  readonly inBackground: (work: () => Promise<void>) => void;
  /** Runs work in the background again and again until the door stops. */
  readonly repeat: (work: () => Promise<void>, options: RepeatOptions) => void;
}

export interface LifeCycleOptions {
  /** Of the adapter, for example `discord`. */
  readonly name: string;
  /** For log lines, for example `Discord`. */
  readonly platform: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** A description of an error that may be logged. */
  readonly reasonOf: (error: unknown) => string;
  /** How long `stop()` waits for answers to be sent, in milliseconds. */
  readonly stopPatienceMs: number;
  /** Logged when `finish` leaves requests unanswered. */
  readonly unfinishedMessage: string;
  /**
   * Connects to the platform and accepts requests. Ends soon after `signals.stopping` aborts; what it throws then is ignored.
   * @throws {OperatorError} when the platform never will accept the connection.
   */
  readonly open: (door: OpeningDoor) => Promise<void>;
  /** Accepts nothing new and answers what was accepted. @returns how many requests are left unanswered. */
  readonly finish: (signals: DoorSignals) => Promise<number>;
  /** Ends the connection. Nothing is sent any more. */
  readonly close?: () => Promise<void>;
}

/** `start()` waits this long for the platform. After that the other doors open, and this one keeps trying in the background. */
const START_PATIENCE_MS = 10_000;

/** `start()` throws what `open` throws within `START_PATIENCE_MS`; a later failure is logged. */
export function createLifeCycle(options: LifeCycleOptions): Adapter {
  const { name, platform, clock, logger, reasonOf } = options;
  const stopping = new AbortController();
  const outOfTime = new AbortController();
  const closing = new AbortController();
  const signals: DoorSignals = {
    stopping: stopping.signal,
    outOfTime: outOfTime.signal,
    closing: closing.signal,
  };
  // Every call and every wait in progress listens; that many listeners are no leak.
  setMaxListeners(0, signals.stopping, signals.outOfTime, signals.closing);
  const background = new Set<Promise<void>>();
  let opening: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  async function open(): Promise<void> {
    try {
      await options.open({ signals, inBackground, repeat });
    } catch (error) {
      if (!signals.stopping.aborted) throw error;
    }
  }

  function inBackground(work: () => Promise<void>): void {
    const working = (async () => work())()
      .catch((error: unknown) => {
        if (error instanceof ClosedError) return;
        if (error instanceof OperatorError) logger.error(`${platform} is closed. ${error.message}`);
        else logger.error({ reason: reasonOf(error) }, 'background task failed');
      })
      .finally(() => background.delete(working));
    background.add(working);
  }

  function repeat(work: () => Promise<void>, { everyMs, atOnce }: RepeatOptions): void {
    inBackground(async () => {
      if (!atOnce) await clock.wait(everyMs, signals.stopping);
      while (!signals.stopping.aborted) {
        await work();
        await clock.wait(everyMs, signals.stopping);
      }
    });
  }

  async function stop(): Promise<void> {
    const finished = new AbortController();
    void clock.wait(options.stopPatienceMs, finished.signal).then(() => {
      outOfTime.abort();
    });
    await opening?.catch(() => undefined);
    const left = await options.finish(signals);
    finished.abort();
    outOfTime.abort();
    closing.abort();
    await options.close?.();
    await Promise.all(background);
    if (left > 0) logger.warn({ left }, options.unfinishedMessage);
  }

  return {
    name,

    async start() {
      opening = open();
      const opened = opening.then(() => true);
      if (await firstWithin(opened, START_PATIENCE_MS, clock)) return;
      logger.warn(`${platform} cannot be reached; this door opens as soon as it can`);
      inBackground(async () => {
        await opened;
      });
    },

    stop() {
      stopping.abort();
      return (stopped ??= keepAlive(stop));
    },
  };
}
