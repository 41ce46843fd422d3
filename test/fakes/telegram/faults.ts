/** Injects faults: the next calls of a method fail as Telegram or the network would make them fail. */
import type { ResponseParameters } from '@grammyjs/types';
import type { Parameters } from './parameters.ts';

export type Fault =
  /** The envelope with this error code; a 429 should carry `retryAfter` in seconds. */
  | {
      type: 'error';
      code: number;
      description?: string;
      retryAfter?: number;
      parameters?: ResponseParameters;
    }
  /** An HTML page of the proxy in front of the Bot API. */
  | { type: 'html'; code: number }
  /** The connection is cut without an answer. */
  | { type: 'drop' }
  /** No answer ever (until the fake closes or the client gives up). */
  | { type: 'silence' }
  /** Status 200 with half a JSON document. */
  | { type: 'malformed' };

export interface FaultOptions {
  /** How many calls fail, 1 by default. */
  times?: number;
  /** How many calls pass first, 0 by default. */
  skip?: number;
  /** The call takes effect and only its answer is lost: a blind retry would then send twice. */
  afterEffect?: boolean;
  /** Only calls for which this holds are counted. */
  when?: (parameters: Parameters) => boolean;
}

export interface Faults {
  /** Schedules a fault for a method («*»: every method but getUpdates), after those already scheduled. */
  schedule(method: string, fault: Fault, options?: FaultOptions): void;
  clear(): void;
  /** Faults scheduled and not yet used up. */
  readonly left: number;
  take(method: string, parameters: Parameters): { fault: Fault; afterEffect: boolean } | undefined;
}

export function createFaults(): Faults {
  const scheduled: { method: string; fault: Fault; skip: number; times: number; options: FaultOptions }[] =
    [];
  return {
    schedule(method, fault, options = {}) {
      const { skip = 0, times = 1 } = options;
      scheduled.push({ method: method.toLowerCase(), fault, skip, times, options });
    },
    clear() {
      scheduled.length = 0;
    },
    get left() {
      return scheduled.reduce((sum, { times }) => sum + times, 0);
    },
    take(method, parameters) {
      const name = method.toLowerCase();
      const index = scheduled.findIndex(
        (entry) =>
          (entry.method === name || (entry.method === '*' && name !== 'getupdates')) &&
          (entry.options.when?.(parameters) ?? true),
      );
      const entry = scheduled[index];
      if (entry === undefined) return undefined;
      if (entry.skip > 0) {
        entry.skip -= 1;
        return undefined;
      }
      entry.times -= 1;
      if (entry.times <= 0) scheduled.splice(index, 1);
      return { fault: entry.fault, afterEffect: entry.options.afterEffect ?? false };
    },
  };
}
