/** One WebSocket of the gateway: sending, closing, and the heartbeats that it expects. */

import { GatewayCloseCodes as Close } from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import type { Session } from './gateway-session.ts';
import { type JsonObject, isObject } from './json.ts';

export interface Connection {
  send(payload: object): void;
  close(code: number): void;
  cut(): void;
  beat(): void;
  use(session: Session): void;
  session(): Session | null;
}

/** Closes with 4009 when no heartbeat comes within one and a half intervals of real time. */
export function createConnection(
  socket: WebSocket,
  heartbeatMs: number,
  events: { closed(code: number): void },
): Connection {
  let session: Session | null = null;
  let deadline: NodeJS.Timeout | null = null;
  const watch = (): void => {
    if (deadline) clearTimeout(deadline);
    deadline = setTimeout(() => {
      socket.close(Close.SessionTimedOut);
    }, heartbeatMs * 1.5);
  };
  watch();
  socket.on('close', (code: number) => {
    if (deadline) clearTimeout(deadline);
    events.closed(code);
  });
  socket.on('error', () => {
    socket.terminate();
  });
  return {
    send(payload) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(payload));
    },
    close(code) {
      socket.close(code);
    },
    cut() {
      socket.terminate();
    },
    beat: watch,
    use(next) {
      session = next;
      next.attach(socket);
    },
    session: () => session,
  };
}

/** The payload, or null for anything that is not a JSON object. */
export function parse(raw: Buffer): JsonObject | null {
  try {
    const value: unknown = JSON.parse(raw.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
