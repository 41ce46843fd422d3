/** The Discord door: photos and commands in channels, threads and direct messages; galleries with buttons back. */

import type { Clock } from '../../chat/clock.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Catalogue } from '../../inventory/catalogue.ts';
import type { PictureStore } from '../../inventory/picture-store.ts';
import type { Logger } from '../../logger.ts';
import type { Store } from '../../store/store.ts';
import type { Adapter } from '../adapter.ts';
import type { DiscordMetrics } from './metrics.ts';

export interface DiscordSettings {
  /** From the developer portal. Never logged. */
  readonly token: string;
  /** REST base without version, for example `http://127.0.0.1:3000/api`; its host is Discord's own for downloads. Default: Discord's. */
  readonly apiUrl?: string | undefined;
  /** The one guild that commands are registered on; undefined: everywhere. */
  readonly guildId?: string | undefined;
  /** Ids of roles whose members are moderators, besides those with Manage Server. */
  readonly moderatorRoles: readonly string[];
  /** Connections that share the guilds between them; `auto`: as many as Discord recommends. */
  readonly shards: number | 'auto';
  /** Whether to ask for the privileged intent that shows photos which are merely posted. */
  readonly messageContent: boolean;
}

export interface DiscordAdapterDependencies {
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  /** The embedded one: keeps what was registered and when the bot logged in. */
  readonly store: Pick<Store, 'namespace'>;
  readonly settings: DiscordSettings;
  /** Bytes of a photo at most. */
  readonly maxPhotoBytes: number;
  readonly metrics: DiscordMetrics;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** `start()` throws `OperatorError` when Discord does not know the token, or an intent is not switched on. */
export function createDiscordAdapter(_dependencies: DiscordAdapterDependencies): Adapter {
  return {
    name: 'discord',
    start: () => Promise.reject(new Error('Not open yet.')),
    stop: () => Promise.resolve(),
  };
}
