/** What a command asks for: items like a photo, or anything else that the conversation knows by name. */

import {
  ApplicationCommandOptionType,
  type ChatInputCommandInteraction,
  type CommandInteraction,
  type MessageContextMenuCommandInteraction,
} from 'discord.js';
import type { CommandInfo } from '../../../chat/command-info.ts';
import { LABEL_NAMES, type LabelName } from '../../../catalogue/item.ts';
import { GARMENT_KINDS, type GarmentKind } from '../../../garments/garment-kinds.ts';
import type { Filter } from '../../../search/filter.ts';
import type { PhotoRef } from '../api/photo-ref.ts';
import { findPhotos, photoOfAttachment } from './find-photos.ts';

export type CommandRequest =
  | {
      readonly kind: 'photos';
      readonly photos: readonly PhotoRef[];
      readonly filter?: Filter;
      /** The only garment of the photo that is wanted. */
      readonly garment?: GarmentKind;
    }
  | { readonly kind: 'command'; readonly name: string; readonly argument?: string };

/** Undefined for a command that this bot does not have. */
export function readCommand(
  interaction: CommandInteraction,
  commands: readonly CommandInfo[],
): CommandRequest | undefined {
  if (interaction.isMessageContextMenuCommand()) return readContextMenu(interaction, commands);
  if (interaction.isChatInputCommand()) return readSlashCommand(interaction, commands);
  return undefined;
}

// --- Internal helpers ---

function readContextMenu(
  { commandName, targetMessage }: MessageContextMenuCommandInteraction,
  commands: readonly CommandInfo[],
): CommandRequest | undefined {
  const known = commands.some(({ menu }) => menu?.en === commandName);
  return known ? { kind: 'photos', photos: findPhotos(targetMessage) } : undefined;
}

function readSlashCommand(
  interaction: ChatInputCommandInteraction,
  commands: readonly CommandInfo[],
): CommandRequest {
  const { commandName: name, options } = interaction;
  const info = commands.find((command) => command.name === name);
  const attached = options.data.find(
    ({ type }) => type === ApplicationCommandOptionType.Attachment,
  )?.attachment;
  if (attached) {
    const filter = filterOf(interaction, info);
    const garment = garmentOf(interaction, info);
    return {
      kind: 'photos',
      photos: [photoOfAttachment(attached)],
      ...(filter && { filter }),
      ...(garment && { garment }),
    };
  }
  const argument = info?.options.find(({ kind }) => kind === 'argument');
  const value = argument && options.getString(argument.name);
  return { kind: 'command', name, ...(value !== undefined && value !== null && { argument: value }) };
}

function garmentOf(
  { options }: ChatInputCommandInteraction,
  info: CommandInfo | undefined,
): GarmentKind | undefined {
  const option = info?.options.find(({ kind }) => kind === 'garment');
  const value = option && options.getString(option.name);
  return GARMENT_KINDS.find((kind) => kind === value);
}

function filterOf(
  { options }: ChatInputCommandInteraction,
  info: CommandInfo | undefined,
): Filter | undefined {
  const filter: Partial<Record<LabelName, string[]>> = {};
  for (const { kind, name } of info?.options ?? []) {
    const label = LABEL_NAMES.find((known) => known === name);
    const value = kind === 'filter' && label !== undefined ? options.getString(name) : null;
    if (label !== undefined && value !== null) filter[label] = [value];
  }
  return Object.keys(filter).length > 0 ? filter : undefined;
}
