/** Pushes updates to the bot's webhook, in order within a chat. Repeats a push with growing delays until a 2xx response. */
import { badRequest } from './api-error.ts';
import type { Changes } from './changes.ts';
import type { PlatformClock } from '../clock.ts';
import { limits, webhookPorts } from './limits.ts';
import type { QueuedUpdate, UpdateQueue } from './update-queue.ts';

export interface Registration {
  readonly url: string;
  readonly secret: string;
  readonly maxConnections: number;
}

export interface Delivery {
  readonly updateId: number;
  /** 0 when no answer came. */
  readonly status: number;
  readonly at: number;
}

export interface Webhook {
  readonly registration: Registration | undefined;
  /** Every try to push, oldest first. */
  readonly deliveries: readonly Delivery[];
  readonly lastError: { readonly at: number; readonly message: string } | undefined;
  /** Throws 400 for an address or secret that Telegram would not take. */
  set(registration: Registration): void;
  remove(): void;
  /** A bot may answer a push with a method call; `run` executes it. */
  onReply(run: (fields: Record<string, unknown>) => void): void;
}

interface Attempt {
  fails: number;
  delay: number;
  dueAt: number;
  busy: boolean;
}

export function createWebhook(dependencies: {
  clock: PlatformClock;
  changes: Changes;
  queue: UpdateQueue;
  /** Accept any http address and port: a test's server, or the Bot API server in local mode. */
  anyAddress: boolean;
}): Webhook {
  const { clock, changes, queue, anyAddress } = dependencies;
  const deliveries: Delivery[] = [];
  const attempts = new Map<QueuedUpdate, Attempt>();
  let registration: Registration | undefined;
  let lastError: Webhook['lastError'];
  let runReply: (fields: Record<string, unknown>) => void = () => undefined;

  function pump(): void {
    const target = registration;
    if (target === undefined) return;
    const takenChats = new Set<number>();
    for (const entry of queue.deliverable) {
      const attempt = attempts.get(entry) ?? { fails: 0, delay: 1, dueAt: 0, busy: false };
      attempts.set(entry, attempt);
      const waits = takenChats.has(entry.chatId) || attempt.busy || attempt.dueAt > clock.now();
      takenChats.add(entry.chatId);
      if (waits || [...attempts.values()].filter(({ busy }) => busy).length >= target.maxConnections)
        continue;
      attempt.busy = true;
      void push(target, entry, attempt);
    }
  }

  async function push(target: Registration, entry: QueuedUpdate, attempt: Attempt): Promise<void> {
    const { status, retryAfter, body, problem } = await post(target, entry);
    attempt.busy = false;
    deliveries.push({ updateId: entry.id, status, at: clock.now() });
    if (registration !== target) return;
    if (problem === undefined) {
      attempts.delete(entry);
      queue.confirm(entry);
      if (typeof body?.method === 'string') runReply(body);
    } else {
      lastError = { at: clock.now(), message: problem };
      // The first failure is tried again at once, later ones after 2, 4, 8 ... seconds (server: on_update_error).
      if (retryAfter === 0 && attempt.fails > 0) {
        attempt.delay = Math.min(attempt.delay * 2, limits.webhookResendMaximum.value);
      }
      const delay = retryAfter > 0 ? retryAfter : attempt.fails > 0 ? attempt.delay : 0;
      attempt.fails += 1;
      attempt.dueAt = clock.now() + delay * 1000;
      if (delay > 0) clock.after(delay * 1000, pump);
      changes.notify();
    }
    pump();
  }

  queue.onPush(pump);

  return {
    get registration() {
      return registration;
    },
    deliveries,
    get lastError() {
      return lastError;
    },
    set(wanted) {
      checkAddress(wanted, anyAddress);
      registration = wanted;
      lastError = undefined;
      attempts.clear();
      pump();
    },
    remove() {
      registration = undefined;
      lastError = undefined;
    },
    onReply(run) {
      runReply = run;
    },
  };
}

// --- Internal helpers ---

function checkAddress({ url, secret }: Registration, anyAddress: boolean): void {
  if (!URL.canParse(url)) throw badRequest('invalid webhook URL specified');
  if (secret.length > limits.secretTokenLength.value) throw badRequest('secret token is too long');
  if (!/^[\w-]*$/.test(secret)) throw badRequest('secret token contains unallowed characters');
  if (anyAddress) return;
  const { protocol, port } = new URL(url);
  if (protocol !== 'https:') throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  if (!webhookPorts.includes(port === '' ? '443' : port)) {
    throw badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
  }
}

interface Outcome {
  status: number;
  /** Seconds, 0 when the answer named none. */
  retryAfter: number;
  body: Record<string, unknown> | undefined;
  problem: string | undefined;
}

async function post({ url, secret }: Registration, entry: QueuedUpdate): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === '' ? {} : { 'x-telegram-bot-api-secret-token': secret }),
      },
      body: JSON.stringify(entry.update),
      signal: AbortSignal.timeout(limits.webhookTimeout.value),
    });
    const { status, statusText, ok } = response;
    const retryAfter = Number(response.headers.get('retry-after') ?? 0) || 0;
    const answer = await response.text();
    const problem = ok ? undefined : `Wrong response from the webhook: ${status} ${statusText}`;
    return { status, retryAfter, body: ok ? parsed(answer) : undefined, problem };
  } catch {
    return { status: 0, retryAfter: 0, body: undefined, problem: 'Connection refused or timed out' };
  }
}

function parsed(answer: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
