/** The type of a route of the fake: a method, a path with parameters, and a handler. */

import type { BucketName } from '../limits.ts';
import type { RequestBody } from '../read-body.ts';
import type { ChannelRecord, World } from '../state.ts';
import { refusals } from '../api-error.ts';
import { can } from '../permissions.ts';

export interface Call {
  readonly world: World;
  /** A named part of the path, decoded. @throws where the route has no such name. */
  param(name: string): string;
  has(name: string): boolean;
  readonly query: URLSearchParams;
  readonly body: RequestBody;
  readonly startLimit: () => {
    total: number;
    remaining: number;
    reset_after: number;
    max_concurrency: number;
  };
  readonly shards: number;
}

export interface Answer {
  readonly status: number;
  /** Absent for 204. */
  readonly json?: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments starting with a colon are names. */
  readonly path: string;
  /** Whether the bot token is needed. */
  readonly auth: boolean;
  /** The limit it counts against; null for none. */
  readonly bucket: BucketName | null;
  /** The name whose value gets a limit of its own. */
  readonly major?: string;
  /** Interaction endpoints do not count against the global limit. */
  readonly global: boolean;
  answer(call: Call): Answer | Promise<Answer>;
}

/** The channel of a call, if the application can see it. @throws {ApiError} 10003 or 50001. */
export function visibleChannel(call: Call, name = 'channel'): ChannelRecord {
  const channel = call.world.channels.get(call.param(name));
  if (!channel) throw refusals.unknownChannel();
  if (!can(call.world, call.world.application.id, channel, 'ViewChannel')) throw refusals.missingAccess();
  return channel;
}
