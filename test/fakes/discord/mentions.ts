/** Whom a message mentions, and whom it notifies under `allowed_mentions`. */

import { ComponentType, MessageFlags } from 'discord-api-types/v10';
import { createFormErrors } from './api-error.ts';
import { type JsonObject, isObject, listOf } from './json.ts';
import { can } from './permissions.ts';
import type { ChannelRecord, Pinged, World } from './state.ts';
import { flatten } from './validate-components.ts';

export interface Mentions {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly everyone: boolean;
}

interface Options {
  readonly channel: ChannelRecord;
  readonly authorId: string;
  readonly content: string;
  readonly components: readonly unknown[];
  /** As it was sent; undefined means the route's default. */
  readonly allowed: unknown;
  /** What is parsed without `allowed_mentions`: everything for messages, people alone for interactions. */
  readonly byDefault: readonly string[];
  /** Author of the message this one replies to. */
  readonly repliedTo: string | null;
  readonly flags: number;
}

/** @throws {ApiError} when `parse` and a list of the same kind are both given, or a list is too long. */
export function findMentions(world: World, options: Options): { mentions: Mentions; pinged: Pinged } {
  const allowed = isObject(options.allowed) ? options.allowed : null;
  if (allowed) checkAllowed(world, allowed);
  const parse = allowed ? listOf(allowed.parse) : options.byDefault;
  const permits = (kind: 'users' | 'roles', id: string): boolean => {
    return parse.includes(kind) || listOf(allowed?.[kind]).includes(id);
  };
  const text = [options.content, ...textsOf(options.components)].join('\n');
  const guild = world.guilds.get(options.channel.guildId ?? '');
  const mayPingAll = can(world, options.authorId, options.channel, 'MentionEveryone');

  const named = matches(text, /<@!?(\d+)>/g).filter((id) => world.users.has(id) && permits('users', id));
  const replied = repliedUser(options, allowed);
  const users = [...new Set([...named, ...replied])];
  const roles = matches(text, /<@&(\d+)>/g).filter((id) => {
    const role = guild?.roles.get(id);
    return role !== undefined && permits('roles', id) && (role.mentionable || mayPingAll);
  });
  const everyone = parse.includes('everyone') && mayPingAll && /@(everyone|here)\b/.test(text);
  const silent = (options.flags & MessageFlags.SuppressNotifications) !== 0;
  const pinged = silent ? { users: [], roles: [], everyone: false } : { users, roles, everyone };
  return { mentions: { users, roles, everyone }, pinged };
}

export function textsOf(components: readonly unknown[]): string[] {
  return flatten(components).flatMap(({ component }) => {
    const content = component.content;
    return component.type === ComponentType.TextDisplay && typeof content === 'string' ? [content] : [];
  });
}

// --- Internal helpers ---

function repliedUser(options: Options, allowed: JsonObject | null): string[] {
  if (options.repliedTo === null) return [];
  // Without allowed_mentions a reply notifies; with it, only when asked to.
  const wanted = allowed ? allowed.replied_user === true : true;
  return wanted ? [options.repliedTo] : [];
}

function checkAllowed(world: World, allowed: JsonObject): void {
  const errors = createFormErrors();
  for (const kind of ['users', 'roles'] as const) {
    const ids = listOf(allowed[kind]);
    const path = ['allowed_mentions', kind];
    if (ids.length > 0 && listOf(allowed.parse).includes(kind)) {
      errors.add(
        ['allowed_mentions'],
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
    }
    if (ids.length > world.limits.mentionIds) {
      errors.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${world.limits.mentionIds} or fewer in length.`);
    }
  }
  errors.throwIfAny();
}

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
}
