/** What the bot may do in a channel: as far as the client knows beforehand, and as refusals taught it. */

import { type Channel, PermissionFlagsBits } from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../util/clock.ts';
import { createUnreachablePlaces, type UnreachablePlaces } from '../../kit/unreachable-places.ts';
import type { Logger } from '../../../util/logger.ts';
import { isForbidden, isRefusal, reasonOf } from '../api/failure.ts';

export interface ChannelRights {
  /** Refused a moment ago: what is posted there is left alone for a while, as refusals end in a ban. */
  isQuiet(channelId: string): boolean;
  /** An answer could not be sent. */
  refused(channel: Channel, error: unknown): void;
  /** An answer was sent. */
  allowed(channelId: string): void;
  /** Rights changed, there or (undefined) anywhere. */
  changed(channelId?: string): void;
}

const FIRST_QUIET_MS = 60_000;
const LONGEST_QUIET_MS = 60 * 60_000;

export function createChannelRights({
  clock,
  logger,
}: {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
}): ChannelRights {
  const unreachable: UnreachablePlaces = createUnreachablePlaces(logger);
  const quiet = new LRUCache<string, { readonly until: number; readonly ms: number }>({ max: 10_000 });
  return {
    isQuiet: (channelId) => (quiet.get(channelId)?.until ?? 0) > clock.now(),
    refused(channel, error) {
      if (isForbidden(error)) {
        const ms = Math.min(LONGEST_QUIET_MS, 2 * (quiet.get(channel.id)?.ms ?? FIRST_QUIET_MS / 2));
        quiet.set(channel.id, { until: clock.now() + ms, ms });
      }
      unreachable.report({
        place: channel.id,
        shown: channel.isDMBased() ? 'private' : channel.id,
        reason: reasonOf(error),
        cause: isRefusal(error) ? String(error.code) : undefined,
      });
    },
    allowed(channelId) {
      quiet.delete(channelId);
    },
    changed(channelId) {
      if (channelId === undefined) {
        quiet.clear();
      } else {
        quiet.delete(channelId);
        unreachable.forget(channelId);
      }
    },
  };
}

export interface Rights {
  /** Uploads. */
  readonly files: boolean;
  /** Needed to reply to a message. */
  readonly history: boolean;
}

/** As far as the client knows; what it does not know counts as allowed. */
export function rightsIn(channel: Channel): Rights {
  const all = { files: true, history: true };
  if (channel.isDMBased()) return all;
  const rights = channel.permissionsFor(channel.client.user);
  if (!rights) return all;
  return {
    files: rights.has(PermissionFlagsBits.AttachFiles),
    history: rights.has(PermissionFlagsBits.ReadMessageHistory),
  };
}
