/**
 * Shards that reconnect reliably. It works around two errors of @discordjs/ws 1.2 that would end the process: when Discord closes
 * a connection while an earlier message is still being read, the library takes the dead connection for a live one, throws an
 * error that nobody catches, and never connects again; and when a connection is given up while it is being opened, nobody
 * listens for its error. The members used here are private to the library; tests check that this works.
 */

import { SimpleShardingStrategy, WebSocketShardDestroyRecovery, WebSocketShardStatus } from 'discord.js';
import type { Logger } from '../../../util/logger.ts';

type Manager = ConstructorParameters<typeof SimpleShardingStrategy>[0];

export function createShardingStrategy(
  manager: Manager,
  logger: Pick<Logger, 'warn'>,
): SimpleShardingStrategy {
  const strategy = new SimpleShardingStrategy(manager);
  const spawn = strategy.spawn.bind(strategy);
  strategy.spawn = async (ids) => {
    await spawn(ids);
    const { shards } = strategy as unknown as { shards: ReadonlyMap<number, Shard> };
    for (const shard of shards.values()) makeReconnect(shard, logger);
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

/** `WebSocket.OPEN`. A smaller state means that the connection is being opened. */
const OPEN = 1;

function makeReconnect(shard: Shard, logger: Pick<Logger, 'warn'>): void {
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
    // It was opened meanwhile.
    if ((shard.connection?.readyState ?? Infinity) <= OPEN) return undefined;
    logger.warn(
      { shard: shard.id },
      'a shard lost its connection to Discord while it reconnected; it connects again',
    );
    return shard.destroy({ reason: 'Lost while connecting', recover: WebSocketShardDestroyRecovery.Resume });
  };
}
