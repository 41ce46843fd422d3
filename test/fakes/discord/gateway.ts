/** The gateway: hello, heartbeats, identify, resume, dispatch, and every way it can end a connection. */

import { randomBytes } from 'node:crypto';
import {
  GatewayCloseCodes as Close,
  GatewayDispatchEvents,
  GatewayIntentBits,
  GatewayOpcodes as Op,
} from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import { type Connection, createConnection, parse } from './gateway-connection.ts';
import { createConnectionLimits } from './connection-limits.ts';
import { type Session, createSession } from './gateway-session.ts';
import { type JsonObject, listOf, objectOf, textOf } from './json.ts';
import { greet } from './gateway-ready.ts';
import type { GatewayEvent, World } from './state.ts';

export interface GatewayControl {
  /** Sessions that exist, connected or waiting to be resumed. */
  readonly sessions: readonly Session[];
  /** How often clients identified and resumed since the start. */
  readonly counts: { readonly identifies: number; readonly resumes: number; readonly heartbeats: number };
  /** Ends every connection without a close frame, as a broken network does. */
  cut(): void;
  /** Ends every connection with a close code. */
  close(code: number): void;
  /** The next identify (or resume) is answered with this close code. */
  closeNext(code: number, on?: 'identify' | 'resume'): void;
  /** Asks every client to reconnect (opcode 7). */
  askReconnect(): void;
  /** Tells every client that its session is invalid (opcode 9). */
  invalidate(resumable: boolean): void;
  /** Stops acknowledging heartbeats, as a zombied connection does. */
  muteHeartbeats(muted: boolean): void;
  /** Sends any event with any data to every session, whatever its intents. */
  inject(type: string, data: unknown): void;
}

export interface Gateway extends GatewayControl {
  accept(socket: WebSocket, query: URLSearchParams): void;
  dispatch(event: GatewayEvent): void;
  startLimit(): { total: number; remaining: number; reset_after: number; max_concurrency: number };
  stop(): void;
}

const ALL_INTENTS = Object.values(GatewayIntentBits).reduce<number>(
  (bits, bit) => (typeof bit === 'number' ? bits | bit : bits),
  0,
);
const PRIVILEGED =
  GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent;

export function createGateway(world: World): Gateway {
  const { limits, application } = world;
  const sessions = new Map<string, Session>();
  const connections = new Set<Connection>();
  const starts = createConnectionLimits(world.clock, limits);
  const counts = { identifies: 0, resumes: 0, heartbeats: 0 };
  const closeNext: { code: number; on: 'identify' | 'resume' }[] = [];
  let muted = false;

  const planned = (on: 'identify' | 'resume'): number | null => {
    const index = closeNext.findIndex((plan) => plan.on === on);
    return index < 0 ? null : (closeNext.splice(index, 1)[0]?.code ?? null);
  };

  const identify = (connection: Connection, data: JsonObject): void => {
    const code = planned('identify');
    if (code !== null) {
      connection.close(code);
      return;
    }
    if (textOf(data.token) !== application.token) {
      connection.close(Close.AuthenticationFailed);
      return;
    }
    const intents = Number(data.intents);
    const [shard = 0, shards = 1] = listOf(data.shard).map(Number);
    if (!Number.isInteger(intents) || intents < 0 || (intents & ~ALL_INTENTS) !== 0) {
      connection.close(Close.InvalidIntents);
      return;
    }
    if ((intents & PRIVILEGED & ~application.privilegedIntents) !== 0) {
      connection.close(Close.DisallowedIntents);
      return;
    }
    if (shards < 1 || shard < 0 || shard >= shards) {
      connection.close(Close.InvalidShard);
      return;
    }
    const verdict = starts.takeIdentify(shard);
    if (verdict === 'too-many-today') {
      // As documented: every session ends and the token is replaced.
      application.token = newToken(application.id);
      sessions.clear();
      for (const one of connections) one.close(Close.AuthenticationFailed);
      return;
    }
    if (verdict === 'too-fast') {
      connection.send({ op: Op.InvalidSession, d: false });
      return;
    }
    counts.identifies += 1;
    const session = createSession({ id: randomBytes(16).toString('hex'), intents, shard: [shard, shards] });
    sessions.set(session.id, session);
    connection.use(session);
    greet(world, session);
    world.changed();
  };

  const resume = (connection: Connection, data: JsonObject): void => {
    const code = planned('resume');
    if (code !== null) {
      connection.close(code);
      return;
    }
    if (textOf(data.token) !== application.token) {
      connection.close(Close.AuthenticationFailed);
      return;
    }
    const session = sessions.get(textOf(data.session_id) ?? '');
    const sequence = Number(data.seq);
    if (!session) {
      connection.send({ op: Op.InvalidSession, d: false });
      return;
    }
    if (!Number.isInteger(sequence) || sequence > session.sequence()) {
      sessions.delete(session.id);
      connection.close(Close.InvalidSeq);
      return;
    }
    counts.resumes += 1;
    connection.use(session);
    session.replayAfter(sequence);
    session.dispatch(GatewayDispatchEvents.Resumed, {});
    world.changed();
  };

  return {
    get sessions() {
      return [...sessions.values()];
    },
    counts,
    accept(socket, query) {
      const connection = createConnection(socket, limits.heartbeatMs, {
        closed(code) {
          connections.delete(connection);
          const session = connection.session();
          if (session?.socket() === socket) session.detach();
          // Only 1000 and 1001 end a session; anything else leaves it resumable.
          if (session && (code === 1000 || code === 1001)) sessions.delete(session.id);
          world.changed();
        },
      });
      connections.add(connection);
      const sends = starts.sendCounter();
      if (query.get('v') !== '10') {
        connection.close(Close.InvalidAPIVersion);
        return;
      }
      connection.send({ op: Op.Hello, d: { heartbeat_interval: limits.heartbeatMs } });
      socket.on('message', (raw: Buffer) => {
        const payload = raw.length > limits.gatewayPayloadBytes ? null : parse(raw);
        if (payload === null) connection.close(Close.DecodeError);
        else if (!sends.take()) connection.close(Close.RateLimited);
        else receive(connection, payload);
      });
    },
    dispatch(event) {
      for (const session of sessions.values()) {
        if (session.wants(event)) session.dispatch(event.type, event.data(session.viewer));
      }
    },
    startLimit: () => starts.startLimit(),
    cut() {
      for (const connection of connections) connection.cut();
    },
    close(code) {
      for (const connection of connections) connection.close(code);
    },
    closeNext(code, on = 'identify') {
      closeNext.push({ code, on });
    },
    askReconnect() {
      for (const connection of connections) connection.send({ op: Op.Reconnect, d: null });
    },
    invalidate(resumable) {
      if (!resumable) sessions.clear();
      for (const connection of connections) connection.send({ op: Op.InvalidSession, d: resumable });
    },
    muteHeartbeats(value) {
      muted = value;
    },
    inject(type, data) {
      for (const session of sessions.values()) session.dispatch(type, data);
    },
    stop() {
      for (const connection of connections) connection.cut();
      sessions.clear();
    },
  };

  function receive(connection: Connection, payload: JsonObject): void {
    const data = objectOf(payload.d);
    switch (payload.op) {
      case Op.Heartbeat:
        counts.heartbeats += 1;
        connection.beat();
        if (!muted) connection.send({ op: Op.HeartbeatAck });
        return;
      case Op.Identify:
        if (connection.session()) connection.close(Close.AlreadyAuthenticated);
        else identify(connection, data);
        return;
      case Op.Resume:
        resume(connection, data);
        return;
      case Op.PresenceUpdate:
      case Op.RequestGuildMembers:
      case Op.VoiceStateUpdate:
        if (!connection.session()) connection.close(Close.NotAuthenticated);
        return;
      default:
        connection.close(Close.UnknownOpcode);
    }
  }
}

/** Of the shape of a bot token, for this application. */
export function newToken(applicationId: string): string {
  const secret = randomBytes(28).toString('base64url');
  return `${Buffer.from(applicationId).toString('base64url')}.Gfake0.${secret}`;
}
