/** HTTP answers that do not come from a route: exceeded limits and injected faults. Also writes every answer to the socket. */

import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import type { Answer } from './routes/route.ts';

export interface Outcome extends Answer {
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly code?: number;
  /** 429 of a shared limit is not held against the application. */
  readonly forgiven?: boolean;
}

/** The answer a fault puts in the place of the route's. */
export function stage(fault: Fault | null): Outcome | null {
  if (fault?.kind === 'rate-limit') return limited(fault.retryAfterSeconds, fault.scope ?? 'user', {});
  if (fault?.kind !== 'status') return null;
  const { status, code, message } = fault;
  if (code === undefined) return { status, text: message ?? `error ${status}` };
  return { status, code, json: { message: message ?? `Error ${code}`, code } };
}

export function limited(
  retryAfterSeconds: number,
  scope: 'user' | 'shared' | 'global',
  headers: Readonly<Record<string, string>>,
): Outcome {
  return {
    status: 429,
    forgiven: scope === 'shared',
    headers: {
      ...headers,
      // The header is in whole seconds, the body exact, as the page's examples show.
      'retry-after': String(Math.ceil(retryAfterSeconds)),
      'x-ratelimit-scope': scope,
      ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : {}),
    },
    json: {
      message: scope === 'shared' ? 'The resource is being rate limited.' : 'You are being rate limited.',
      retry_after: Number(retryAfterSeconds.toFixed(3)),
      global: scope === 'global',
    },
  };
}

export function banned(seconds: number): Outcome {
  return { status: 429, text: 'error code: 1015', headers: { 'retry-after': String(Math.ceil(seconds)) } };
}

export function write(response: ServerResponse, outcome: Outcome): void {
  if (outcome.text !== undefined) {
    response
      .writeHead(outcome.status, { ...outcome.headers, 'content-type': 'text/plain' })
      .end(outcome.text);
    return;
  }
  if (outcome.json === undefined) {
    response.writeHead(outcome.status, outcome.headers).end();
    return;
  }
  const body = Buffer.from(JSON.stringify(outcome.json));
  response
    .writeHead(outcome.status, {
      ...outcome.headers,
      'content-type': 'application/json',
      'content-length': body.length,
    })
    .end(body);
}
