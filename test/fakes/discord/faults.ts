/** Injects faults: the next requests of a route are refused, delayed, dropped or answered too late. */

export interface FaultMatch {
  /** `POST`; any method when absent. */
  readonly method?: string;
  /** A route as the call log names it, such as `/channels/:channel/messages`; any route when absent. */
  readonly route?: string;
}

/** Or whatever a test decides by method and route. */
export type FaultTest = (method: string, route: string) => boolean;

export type Fault =
  /** 429 as for an exhausted limit. */
  | {
      readonly kind: 'rate-limit';
      readonly retryAfterSeconds: number;
      readonly scope?: 'user' | 'shared' | 'global';
    }
  /** Any status, by itself a plain text page like those of a proxy, or with a JSON code. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: number; readonly message?: string }
  /** The connection is cut: before anything was done, or after the work was done and before the answer. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** The request waits until the test lets it go, then runs as usual. */
  | { readonly kind: 'hold'; readonly released: Promise<void>; readonly arrived: () => void };

export interface Held {
  /** Resolves when a request has reached the fake and waits there. */
  readonly arrived: Promise<void>;
  /** Lets every held request go on. */
  release(): void;
}

export interface Faults {
  /** Schedules a fault for the next matching requests. Faults that match the same request are used in the order of these calls. */
  next(match: FaultMatch | FaultTest, fault: Fault, times?: number): void;
  /** Holds the next matching request. */
  hold(match: FaultMatch, times?: number): Held;
  /** Removes and returns the fault that is scheduled for this request. */
  take(method: string, route: string): Fault | null;
  /** The number of scheduled faults that no request has met yet. */
  pending(): number;
}

export function createFaults(): Faults {
  const orders: { matches: FaultTest; fault: Fault; left: number }[] = [];
  const next: Faults['next'] = (match, fault, times = 1) => {
    const matches: FaultTest =
      typeof match === 'function'
        ? match
        : (method, route) => (match.method ?? method) === method && (match.route ?? route) === route;
    orders.push({ matches, fault, left: times });
  };
  return {
    next,
    hold(match, times = 1) {
      let release = (): void => undefined;
      let arrive = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const arrived = new Promise<void>((resolve) => (arrive = resolve));
      next(match, { kind: 'hold', released, arrived: arrive }, times);
      return { arrived, release };
    },
    take(method, route) {
      const order = orders.find(({ matches, left }) => left > 0 && matches(method, route));
      if (!order) return null;
      order.left -= 1;
      return order.fault;
    },
    pending: () => orders.reduce((sum, order) => sum + order.left, 0),
  };
}
