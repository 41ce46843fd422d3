/**
 * Connections that find their way back. When Discord ends one while another request of its own is still being read,
 * @discordjs/ws 1.2 takes the dead connection for a living one: it throws where nobody catches, which ends the process, and would
 * not connect any more. And a connection that is given up while it is being opened has nobody left who hears that this failed, which
 * ends the process too. The members used here are its own and not documented; tests hold that this works.
 */

import { SimpleShardingStrategy, WebSocketShardDestroyRecovery, WebSocketShardStatus } from 'discord.js';
import type { Logger } from '../../../util/logger.ts';

type Manager = ConstructorParameters<typeof SimpleShardingStrategy>[0];

export function createSteadyShards(manager: Manager, logger: Pick<Logger, 'warn'>): SimpleShardingStrategy {
  const strategy = new SimpleShardingStrategy(manager);
  const spawn = strategy.spawn.bind(strategy);
  strategy.spawn = async (ids) => {
    await spawn(ids);
    const { shards } = strategy as unknown as { shards: ReadonlyMap<number, Shard> };
    for (const shard of shards.values()) steady(shard, logger);
  };
  return strategy;
}

// --- Internal helpers ---

/** A `WebSocketShard` of @discordjs/ws; discord.js exports another class under that name. */
interface Shard {
  readonly id: number;
  readonly status: WebSocketShardStatus;
  readonly connection: Pick<WebSocket, 'readyState' | 'addEventListener'> | null;
  internalConnect(): Promise<void>;
  destroy(options?: {
    readonly reason: string;
    readonly recover: WebSocketShardDestroyRecovery;
  }): Promise<void>;
}

/** `WebSocket.OPEN`; what is below it is being opened. */
const OPEN = 1;

function steady(shard: Shard, logger: Pick<Logger, 'warn'>): void {
  const connect = shard.internalConnect.bind(shard);
  const destroy = shard.destroy.bind(shard);
  shard.destroy = (options) => {
    shard.connection?.addEventListener('error', () => undefined);
    return destroy(options);
  };
  let connecting: Promise<void> | undefined;
  shard.internalConnect = async () => {
    if (connecting) return connecting;
    if (shard.status === WebSocketShardStatus.Idle) {
      connecting = connect().finally(() => (connecting = undefined));
      return connecting;
    }
    // Somebody else was faster.
    if ((shard.connection?.readyState ?? Infinity) <= OPEN) return undefined;
    logger.warn(
      { shard: shard.id },
      'a connection to Discord was lost while it was made anew; it is made again',
    );
    return shard.destroy({ reason: 'Lost on the way', recover: WebSocketShardDestroyRecovery.Resume });
  };
}
