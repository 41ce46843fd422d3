/** Channels in which Discord refused an answer. */

import type { Channel } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { backoffMs } from '../../../util/backoff.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import { createUnreachablePlaces } from '../../kit/unreachable-places.ts';
import { isForbidden, isRefusal, redactedReason } from '../api/failure.ts';

export interface RefusedChannels {
  /** Whether posts in this channel are ignored for a while, because many refusals end in a ban. */
  isPaused(channelId: string): boolean;
  /** An answer could not be sent. */
  refused(channel: Channel, error: unknown): void;
  /** An answer was sent. */
  allowed(channelId: string): void;
  /** Permissions changed in this channel, or (undefined) anywhere. */
  permissionsChanged(channelId?: string): void;
}

const PAUSE = { firstMs: 60_000, mostMs: 60 * 60_000 };

export function createRefusedChannels({
  clock,
  logger,
}: {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
}): RefusedChannels {
  const unreachable = createUnreachablePlaces(logger);
  const pauses = new LRUCache<string, { readonly until: number; readonly refusals: number }>({ max: 10_000 });
  return {
    isPaused: (channelId) => (pauses.get(channelId)?.until ?? 0) > clock.now(),
    refused(channel, error) {
      if (isForbidden(error)) {
        const refusals = (pauses.get(channel.id)?.refusals ?? 0) + 1;
        pauses.set(channel.id, { until: clock.now() + backoffMs(refusals, PAUSE), refusals });
      }
      unreachable.report({
        place: channel.id,
        label: channel.isDMBased() ? 'private' : channel.id,
        reason: redactedReason(error),
        cause: isRefusal(error) ? String(error.code) : undefined,
      });
    },
    allowed(channelId) {
      pauses.delete(channelId);
    },
    permissionsChanged(channelId) {
      if (channelId === undefined) {
        pauses.clear();
      } else {
        pauses.delete(channelId);
        unreachable.forget(channelId);
      }
    },
  };
}
