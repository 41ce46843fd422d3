/** Sends the gateway events of a message (create, update, delete) if the application can see the channel. */

import { ChannelType, GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10';
import { messageEventPayload } from './message-payload.ts';
import { can } from './permissions.ts';
import { type ChannelRecord, type GatewayEvent, type MessageRecord, type World, must } from './state.ts';

/** The event of a message. A test can send it twice to simulate a fault. */
export function messageEvent(
  world: World,
  message: MessageRecord,
  type: GatewayDispatchEvents.MessageCreate | GatewayDispatchEvents.MessageUpdate,
): GatewayEvent {
  return {
    ...scopeOf(must(world.channels.get(message.channelId), 'channel')),
    type,
    data: (viewer) => messageEventPayload(world, message, viewer),
  };
}

export function announce(
  world: World,
  message: MessageRecord,
  type: GatewayDispatchEvents.MessageCreate | GatewayDispatchEvents.MessageUpdate,
): void {
  if (isVisible(world, message)) world.dispatch(messageEvent(world, message, type));
  world.changed();
}

export function deleteMessage(world: World, message: MessageRecord): void {
  message.deletedAt = world.clock.now();
  const channel = must(world.channels.get(message.channelId), 'channel');
  if (isVisible(world, message)) {
    world.dispatch({
      ...scopeOf(channel),
      type: GatewayDispatchEvents.MessageDelete,
      data: () => ({
        id: message.id,
        channel_id: channel.id,
        ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
      }),
    });
  }
  world.changed();
}

// --- Internal helpers ---

function scopeOf(channel: ChannelRecord): Pick<GatewayEvent, 'guildId' | 'intent'> {
  const direct = channel.type === ChannelType.DM;
  const intent = direct ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages;
  return { guildId: channel.guildId, intent };
}

function isVisible(world: World, message: MessageRecord): boolean {
  const channel = must(world.channels.get(message.channelId), 'channel');
  return can(world, world.application.id, channel, 'ViewChannel');
}
