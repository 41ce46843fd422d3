/** The options of a slash command as Discord's client sends them. Throws where the client would refuse the input. */

import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  type APIAttachment,
  ApplicationCommandOptionType as OptionType,
} from 'discord-api-types/v10';
import { attachmentPayload } from './attachments.ts';
import { listOf } from './json.ts';
import { storeFile } from './people.ts';
import type { FakeFile } from './fake-types.ts';
import type { OptionValue } from './fake-types.ts';
import { type ChannelRecord, type World, must } from './state.ts';

interface SentOption {
  readonly name: string;
  readonly type: OptionType;
  readonly value: string | number | boolean;
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  image: ['png', 'gif', 'jpg', 'jpeg', 'jfif', 'webp', 'avif'],
  video: ['mp4', 'mov', 'qt', 'webm'],
  audio: ['mp3', 'm4a', 'wav', 'ogg', 'opus', 'flac'],
};

/** `options` and `resolved` of the interaction's data. */
export async function optionData(
  world: World,
  channel: ChannelRecord,
  command: APIApplicationCommand,
  subcommand: string | undefined,
  values: Readonly<Record<string, OptionValue>>,
): Promise<object> {
  const declared = command.options ?? [];
  const group = declared.find(
    (option) => option.name === subcommand && option.type === OptionType.Subcommand,
  );
  const offered =
    subcommand === undefined
      ? declared
      : ((must(group, `subcommand ${subcommand}`) as { options?: typeof declared }).options ?? []);
  const attachments: Record<string, APIAttachment> = {};
  const sent: SentOption[] = [];
  for (const [name, value] of Object.entries(values)) {
    const option = must(
      offered.find((one) => one.name === name),
      `option "${name}" of /${command.name}`,
    );
    if (typeof value !== 'object') {
      sent.push({ name, type: option.type, value: checkedValue(option, value) });
      continue;
    }
    checkFile(option, value);
    const file = await storeFile(world, channel.id, value, true);
    attachments[file.id] = attachmentPayload(world, file);
    sent.push({ name, type: option.type, value: file.id });
  }
  for (const option of offered) {
    if ('required' in option && option.required && !(option.name in values)) {
      throw new Error(`/${command.name} needs its option "${option.name}".`);
    }
  }
  const options =
    subcommand === undefined ? sent : [{ name: subcommand, type: OptionType.Subcommand, options: sent }];
  const resolved = Object.keys(attachments).length > 0 ? { resolved: { attachments } } : {};
  return { ...(options.length > 0 ? { options } : {}), ...resolved };
}

// --- Internal helpers ---

function checkedValue(
  option: APIApplicationCommandOption,
  value: string | number | boolean,
): string | number | boolean {
  const wanted: Partial<Record<OptionType, string>> = {
    [OptionType.String]: 'string',
    [OptionType.Integer]: 'number',
    [OptionType.Number]: 'number',
    [OptionType.Boolean]: 'boolean',
  };
  if (typeof value !== wanted[option.type])
    throw new Error(`Option "${option.name}" does not take a ${typeof value}.`);
  const choices = 'choices' in option ? (option.choices ?? []) : [];
  if (choices.length > 0 && !choices.some((choice) => choice.value === value)) {
    throw new Error(
      `Option "${option.name}" offers: ${choices.map((choice) => String(choice.value)).join(', ')}.`,
    );
  }
  return value;
}

/** Discord's client checks only the extension. */
function checkFile(option: APIApplicationCommandOption, file: FakeFile): void {
  if (option.type !== OptionType.Attachment) throw new Error(`Option "${option.name}" does not take a file.`);
  const types = listOf('file_types' in option ? option.file_types : []).map(String);
  if (types.length === 0) return;
  const extension = file.name.split('.').at(-1)?.toLowerCase() ?? '';
  const fits = types.some((type) =>
    (GROUPS[type] ?? [type.replace('.', '').toLowerCase()]).includes(extension),
  );
  if (!fits) throw new Error(`Option "${option.name}" takes only: ${types.join(', ')}.`);
}
