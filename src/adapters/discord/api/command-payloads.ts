/** The bot's commands as Discord registers them, in every language that both support. Pure. */

import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionContextType,
  Locale,
  type LocalizationMap,
  PermissionFlagsBits,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import type { CommandInfo, CommandOption, Localised } from '../../../chat/command-info.ts';
import { MAX_COMMAND_SIZE } from './limits.ts';

export interface PayloadOptions {
  /** Registered on one guild, so direct messages do not matter. */
  readonly onGuild: boolean;
  /** Members of some roles are moderators too, so commands cannot be hidden from everybody without Manage Server. */
  readonly hasModeratorRoles: boolean;
}

export function commandPayloads(
  commands: readonly CommandInfo[],
  options: PayloadOptions,
): RESTPostAPIApplicationCommandsJSONBody[] {
  return commands.flatMap((command) => {
    const common = {
      ...(command.audience === 'moderators' &&
        !options.hasModeratorRoles && {
          default_member_permissions: PermissionFlagsBits.ManageGuild.toString(),
        }),
      ...(!options.onGuild && { contexts: contextsOf(command) }),
    };
    const slash: RESTPostAPIChatInputApplicationCommandsJSONBody = {
      type: ApplicationCommandType.ChatInput,
      name: command.name,
      description: command.description.en ?? command.name,
      description_localizations: mapOf(command.description),
      options: command.options.map(optionOf),
      ...common,
    };
    const { menu } = command;
    if (!menu) return [withinSize(slash)];
    const name = menu.en ?? command.name;
    return [
      withinSize(slash),
      { type: ApplicationCommandType.Message, name, name_localizations: mapOf(menu), ...common },
    ];
  });
}

// --- Internal helpers ---

/** Discord's locales by our language codes. English is shown where there is no translation. */
const LOCALES: Readonly<Record<string, readonly Locale[]>> = {
  es: [Locale.SpanishES, Locale.SpanishLATAM],
  de: [Locale.German],
  fr: [Locale.French],
  hi: [Locale.Hindi],
  ja: [Locale.Japanese],
};

function mapOf(texts: Localised): LocalizationMap {
  const entries = Object.entries(texts).flatMap(([language, text]) =>
    (LOCALES[language] ?? []).map((locale) => [locale, text]),
  );
  return Object.fromEntries(entries) as LocalizationMap;
}

/** There are no moderators in direct messages. */
function contextsOf({ where, audience }: CommandInfo): InteractionContextType[] {
  return where === 'communities' || audience === 'moderators'
    ? [InteractionContextType.Guild]
    : [InteractionContextType.Guild, InteractionContextType.BotDM];
}

type Option = NonNullable<RESTPostAPIChatInputApplicationCommandsJSONBody['options']>[number];

function optionOf({ name, description, kind, required, choices }: CommandOption): Option {
  const common = {
    name,
    description: description.en ?? name,
    description_localizations: mapOf(description),
    required,
  };
  if (kind === 'photo') return { ...common, type: ApplicationCommandOptionType.Attachment };
  return {
    ...common,
    type: ApplicationCommandOptionType.String,
    ...(choices && {
      choices: choices.map(({ value, label }) => ({
        name: label.en ?? value,
        name_localizations: mapOf(label),
        value,
      })),
    }),
  };
}

/** Drops the last choices of the longest lists until the command is small enough. */
function withinSize(
  command: RESTPostAPIChatInputApplicationCommandsJSONBody,
): RESTPostAPIChatInputApplicationCommandsJSONBody {
  const options = structuredClone(command.options ?? []);
  const lists = options.flatMap((option) => ('choices' in option ? [option.choices] : []));
  const smaller = { ...command, options };
  while (sizeOf(smaller) > MAX_COMMAND_SIZE) {
    const longest = lists.reduce((most, list) => (sizeOf(list) > sizeOf(most) ? list : most), lists[0] ?? []);
    if (longest.pop() === undefined) break;
  }
  return smaller;
}

/** An upper bound of what Discord counts: every text in every language. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + sizeOf(part), 0);
}
