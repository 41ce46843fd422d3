/** Who sent a request, and from where, in the conversation's terms. Permissions come with each event and are not remembered. */

import { type BaseInteraction, type Channel, type Message, PermissionFlagsBits } from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { Origin } from '../../../chat/conversation.ts';

export const DOOR = 'discord';

export interface Origins {
  ofMessage(message: Message): Origin;
  ofInteraction(interaction: BaseInteraction): Origin;
}

/** How many people's languages are remembered, in memory: Discord sends the language with interactions, but not with messages. */
const REMEMBERED = 5000;
const REMEMBERED_MS = 30 * 60 * 1000;

/** @param moderatorRoles ids of roles whose members are moderators, in addition to those with Manage Server. */
export function createOrigins({ moderatorRoles }: { readonly moderatorRoles: readonly string[] }): Origins {
  const locales = new LRUCache<string, string>({ max: REMEMBERED, ttl: REMEMBERED_MS });
  return {
    ofMessage(message) {
      const { author, guildId, guild, member } = message;
      return {
        door: DOOR,
        person: author.id,
        place: placeIdOf(message.channelId, message.channel),
        community: guildId ?? undefined,
        locale: locales.get(author.id) ?? guild?.preferredLocale ?? 'en',
        isModerator: () =>
          Promise.resolve(
            member !== null &&
              (member.permissions.has(PermissionFlagsBits.ManageGuild) ||
                moderatorRoles.some((role) => member.roles.cache.has(role))),
          ),
      };
    },

    ofInteraction(interaction) {
      const { user, guildId, locale, memberPermissions } = interaction;
      locales.set(user.id, locale);
      const roles = rolesOf(interaction);
      return {
        door: DOOR,
        person: user.id,
        place: placeIdOf(interaction.channelId ?? '', interaction.channel),
        community: guildId ?? undefined,
        locale,
        isModerator: () =>
          Promise.resolve(
            guildId !== null &&
              (memberPermissions?.has(PermissionFlagsBits.ManageGuild) === true ||
                moderatorRoles.some((role) => roles.includes(role))),
          ),
      };
    },
  };
}

// --- Internal helpers ---

/** The mode of a channel also applies to its threads, and that of a forum to its posts. */
function placeIdOf(channelId: string, channel: Channel | null): string {
  return channel?.isThread() === true ? (channel.parentId ?? channelId) : channelId;
}

function rolesOf({ member }: BaseInteraction): readonly string[] {
  if (!member) return [];
  return Array.isArray(member.roles) ? member.roles : [...member.roles.cache.keys()];
}
