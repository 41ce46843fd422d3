/** One gateway session. It keeps its numbered events, so that a resumed connection gets what it missed. */

import { GatewayOpcodes } from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import type { GatewayEvent, Viewer } from './state.ts';

export interface Session {
  readonly id: string;
  readonly intents: number;
  readonly shard: readonly [number, number];
  /** The number of the last event. */
  sequence(): number;
  /** Numbers the event, keeps it and sends it if somebody is connected. */
  dispatch(type: string, data: unknown): void;
  /** Whether this session's shard and intents include the event. */
  wants(event: GatewayEvent): boolean;
  attach(socket: WebSocket): void;
  /** Nobody is connected; events are kept for a resume. */
  detach(): void;
  socket(): WebSocket | null;
  /** Sends again everything after this number. */
  replayAfter(sequence: number): void;
  readonly viewer: Viewer;
}

interface Options {
  readonly id: string;
  readonly intents: number;
  readonly shard: readonly [number, number];
}

const MESSAGE_CONTENT = 1 << 15;

export function createSession({ id, intents, shard }: Options): Session {
  const events: { s: number; t: string; d: unknown }[] = [];
  let current: WebSocket | null = null;
  let last = 0;
  const send = (event: { s: number; t: string; d: unknown }): void => {
    if (current?.readyState !== current?.OPEN) return;
    current?.send(JSON.stringify({ op: GatewayOpcodes.Dispatch, ...event }));
  };
  return {
    id,
    intents,
    shard,
    viewer: { messageContent: (intents & MESSAGE_CONTENT) !== 0 },
    sequence: () => last,
    dispatch(type, data) {
      last += 1;
      const event = { s: last, t: type, d: data };
      events.push(event);
      // Discord forgets old events too; a bound keeps a long soak level.
      if (events.length > 5000) events.shift();
      send(event);
    },
    wants(event) {
      if (event.intent !== 0 && (event.intent & intents) === 0) return false;
      const of = event.guildId === null ? 0 : Number((BigInt(event.guildId) >> 22n) % BigInt(shard[1]));
      return of === shard[0];
    },
    attach(socket) {
      current = socket;
    },
    detach() {
      current = null;
    },
    socket: () => current,
    replayAfter(sequence) {
      for (const event of events) if (event.s > sequence) send(event);
    },
  };
}
