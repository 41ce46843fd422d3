/** Simulates people who use commands and components. Throws where Discord's own client would not let a person do that. */

import type { Simulation } from './fake-types.ts';
import { randomBytes } from 'node:crypto';
import {
  type APIMessage,
  ApplicationCommandType,
  ComponentType,
  GatewayDispatchEvents,
  InteractionType,
  type Locale,
} from 'discord-api-types/v10';
import { optionData } from './command-options.ts';
import { commandData, findCommand, interactionPayload } from './interaction-payload.ts';
import { messageEvent } from './message-events.ts';
import { UNRESTRICTED, messagePayload } from './message-payload.ts';
import { type SeenInteraction, type SeenMessage, seeInteraction } from './observe.ts';
import { canSee } from './people.ts';
import { directChannel } from './routes/lookups.ts';
import {
  type ChannelRecord,
  type GatewayEvent,
  type InteractionRecord,
  type MessageRecord,
  type UserRecord,
  type World,
  must,
} from './state.ts';

export function createSimulation(world: World): Simulation {
  const events = new Map<string, GatewayEvent>();

  const start = (
    user: UserRecord,
    channel: ChannelRecord,
    fields: Pick<InteractionRecord, 'type' | 'name' | 'commandType' | 'targetId' | 'sourceId'>,
    data: object,
    extra: { locale?: Locale | undefined; message?: APIMessage },
  ): SeenInteraction => {
    const record: InteractionRecord = {
      ...fields,
      id: world.nextId(),
      token: randomBytes(60).toString('base64url'),
      userId: user.id,
      channelId: channel.id,
      createdAt: world.clock.now(),
      responding: false,
      acknowledged: null,
      originalId: null,
      followUpIds: [],
      modal: null,
    };
    world.interactions.set(record.id, record);
    const payload = interactionPayload(world, record, user, channel, data, extra);
    const event: GatewayEvent = {
      type: GatewayDispatchEvents.InteractionCreate,
      guildId: channel.guildId,
      intent: 0,
      data: () => payload,
    };
    events.set(record.id, event);
    world.dispatch(event);
    world.changed();
    return seeInteraction(world, record.id);
  };

  const component = (
    user: UserRecord,
    message: SeenMessage,
    customId: string,
    data: object,
  ): SeenInteraction => {
    const record = shown(world, user, message);
    const channel = must(world.channels.get(record.channelId), 'channel');
    const fields = {
      type: InteractionType.MessageComponent,
      name: customId,
      commandType: null,
      targetId: null,
      sourceId: record.id,
    };
    return start(user, channel, fields, data, { message: messagePayload(world, record, UNRESTRICTED) });
  };

  return {
    async slash(user, name, options, use) {
      const channel = use.in ? must(world.channels.get(use.in.id), 'channel') : directChannel(world, user.id);
      const [commandName = '', subcommand] = name.split(' ');
      const command = findCommand(world, user, channel, commandName, ApplicationCommandType.ChatInput, use);
      const chosen = await optionData(world, channel, command, subcommand, options);
      const fields = {
        type: InteractionType.ApplicationCommand,
        name: commandName,
        commandType: ApplicationCommandType.ChatInput,
        targetId: null,
        sourceId: null,
      };
      return start(user, channel, fields, { ...commandData(command), ...chosen }, { locale: use.locale });
    },
    contextMenu(user, name, message, use) {
      const record = shown(world, user, message);
      const channel = must(world.channels.get(record.channelId), 'channel');
      const command = findCommand(world, user, channel, name, ApplicationCommandType.Message, use);
      // The target is always shown in full, whatever the intents.
      const resolved = { messages: { [record.id]: messagePayload(world, record, UNRESTRICTED) } };
      const fields = {
        type: InteractionType.ApplicationCommand,
        name,
        commandType: ApplicationCommandType.Message,
        targetId: record.id,
        sourceId: null,
      };
      const data = { ...commandData(command), target_id: record.id, resolved };
      return start(user, channel, fields, data, { locale: use.locale });
    },
    click(user, message, which) {
      const button =
        message.buttons.find((one) => one.customId === which) ??
        message.buttons.find((one) => one.label === which);
      if (!button)
        throw new Error(
          `No button "${which}"; there are: ${message.buttons.map((one) => one.label).join(', ')}.`,
        );
      if (button.disabled || button.customId === null)
        throw new Error(`Button "${which}" is disabled or a link.`);
      return component(user, message, button.customId, {
        component_type: ComponentType.Button,
        custom_id: button.customId,
      });
    },
    select(user, message, customId, values) {
      const menu = must(
        message.selects.find((one) => one.custom_id === customId),
        `select ${customId}`,
      );
      const offered = menu.options.map((option) => option.value);
      const [least, most] = [menu.min_values ?? 1, menu.max_values ?? 1];
      if (
        menu.disabled === true ||
        values.some((value) => !offered.includes(value)) ||
        values.length < least ||
        values.length > most
      ) {
        throw new Error(`Select "${customId}" takes ${least} to ${most} of: ${offered.join(', ')}.`);
      }
      return component(user, message, customId, {
        component_type: ComponentType.StringSelect,
        custom_id: customId,
        values,
      });
    },
    duplicateDelivery(target) {
      const message = world.messages.get(target.id);
      if (message) world.dispatch(messageEvent(world, message, GatewayDispatchEvents.MessageCreate));
      else world.dispatch(must(events.get(target.id), `event of ${target.id}`));
    },
  };
}

// --- Internal helpers ---

function shown(world: World, user: UserRecord, message: SeenMessage): MessageRecord {
  const record = must(world.messages.get(message.id), `message ${message.id}`);
  if (!canSee(world, user, record)) throw new Error(`${user.name} does not see message ${message.id}.`);
  return record;
}
