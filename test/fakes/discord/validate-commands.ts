/** Validates application commands by the rules of their documentation page. */

import {
  ApplicationCommandOptionType as OptionType,
  ApplicationCommandType,
  Locale,
} from 'discord-api-types/v10';
import { ApiError, type FormErrors, type Path, createFormErrors } from './api-error.ts';
import { type JsonObject, isObject, listOf, objectOf } from './json.ts';
import type { Limits } from './limits.ts';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const LOCALES: ReadonlySet<string> = new Set(Object.values(Locale));
const WITH_CHOICES: readonly unknown[] = [OptionType.String, OptionType.Integer, OptionType.Number];
const GROUPS: readonly unknown[] = [OptionType.Subcommand, OptionType.SubcommandGroup];

/** @throws {ApiError} 50035 with every finding, 30032 for too many commands of a kind. */
export function validateCommands(commands: readonly unknown[], limits: Limits): void {
  const errors = createFormErrors();
  commands.map(objectOf).forEach((command, index) => {
    validateCommand(command, limits, errors, [index]);
  });
  refuseTwins(commands.map(objectOf), errors);
  errors.throwIfAny();
  const counts = new Map<ApplicationCommandType, number>();
  for (const command of commands.map(objectOf))
    counts.set(typeOf(command), (counts.get(typeOf(command)) ?? 0) + 1);
  for (const [type, count] of counts) {
    const most = type === ApplicationCommandType.ChatInput ? limits.slashCommands : limits.contextCommands;
    if (count > most)
      throw new ApiError(400, 30032, `Maximum number of application commands reached (${most}).`);
  }
}

// --- Internal helpers ---

function typeOf(command: JsonObject): ApplicationCommandType {
  return (command.type ?? ApplicationCommandType.ChatInput) as ApplicationCommandType;
}

function validateCommand(command: JsonObject, limits: Limits, errors: FormErrors, path: Path): void {
  const slash = typeOf(command) === ApplicationCommandType.ChatInput;
  checkNames(command, slash, limits, errors, path);
  if (slash) {
    checkDescriptions(command, limits, errors, path);
    validateOptions(listOf(command.options), limits, errors, [...path, 'options']);
  } else {
    for (const field of ['description', 'options']) {
      const value = command[field];
      if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue;
      errors.add(
        [...path, field],
        'APPLICATION_COMMAND_CONTEXT_MENU_FIELD',
        `Context menu commands cannot have ${field}`,
      );
    }
  }
  const bits = command.default_member_permissions;
  if (bits !== undefined && bits !== null && !/^\d+$/.test(JSON.stringify(bits).replaceAll('"', ''))) {
    errors.add([...path, 'default_member_permissions'], 'BITFIELD_TYPE_INVALID', 'Value is not a bit set.');
  }
  if (sizeOf(command) > limits.commandCharacters) {
    errors.add(
      path,
      'APPLICATION_COMMAND_TOO_LARGE',
      `Command exceeds maximum size (${limits.commandCharacters})`,
    );
  }
}

function validateOptions(options: readonly unknown[], limits: Limits, errors: FormErrors, path: Path): void {
  if (options.length > limits.commandOptions) {
    errors.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limits.commandOptions} or fewer in length.`);
  }
  const seen = new Set<unknown>();
  let optional = false;
  options.map(objectOf).forEach((option, index) => {
    const at = [...path, index];
    checkNames(option, true, limits, errors, at);
    checkDescriptions(option, limits, errors, at);
    if (!Object.values(OptionType).includes(option.type as OptionType)) {
      errors.add([...at, 'type'], 'BASE_TYPE_CHOICES', 'Value must be an option type.');
    }
    if (seen.has(option.name)) {
      errors.add(
        at,
        'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
        'Option name already exists in options',
      );
    }
    seen.add(option.name);
    const required = option.required === true;
    if (required && optional) {
      errors.add(
        at,
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    }
    optional ||= !required;
    validateChoices(option, limits, errors, at);
    if (GROUPS.includes(option.type)) {
      validateOptions(listOf(option.options), limits, errors, [...at, 'options']);
    }
  });
}

function validateChoices(option: JsonObject, limits: Limits, errors: FormErrors, path: Path): void {
  const choices = listOf(option.choices).map(objectOf);
  if (choices.length === 0) return;
  const at = [...path, 'choices'];
  if (!WITH_CHOICES.includes(option.type) || option.autocomplete === true) {
    errors.add(at, 'APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID', 'Choices are not allowed for this option');
  }
  if (choices.length > limits.commandChoices) {
    errors.add(at, 'BASE_TYPE_MAX_LENGTH', `Must be ${limits.commandChoices} or fewer in length.`);
  }
  choices.forEach((choice, index) => {
    between(choice.name, 1, limits.commandDescription, errors, [...at, index, 'name']);
    checkLocales(choice.name_localizations, errors, [...at, index, 'name_localizations'], (text, where) => {
      between(text, 1, limits.commandDescription, errors, where);
    });
    const value = choice.value;
    if (option.type === OptionType.String)
      between(value, 1, limits.commandDescription, errors, [...at, index, 'value']);
    else if (typeof value !== 'number')
      errors.add([...at, index, 'value'], 'NUMBER_TYPE_COERCE', 'Value is not a number.');
  });
  if (new Set(choices.map((choice) => choice.name)).size < choices.length) {
    errors.add(
      at,
      'APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS',
      'Choice name already exists in choices',
    );
  }
}

function checkNames(value: JsonObject, slash: boolean, limits: Limits, errors: FormErrors, path: Path): void {
  const check = (name: unknown, at: Path): void => {
    between(name, 1, limits.commandName, errors, at);
    if (!slash || typeof name !== 'string' || name === '') return;
    if (NAME.test(name) && name === name.toLowerCase()) return;
    errors.add(at, 'APPLICATION_COMMAND_INVALID_NAME', `Command name is invalid: ${name}`);
  };
  check(value.name, [...path, 'name']);
  checkLocales(value.name_localizations, errors, [...path, 'name_localizations'], check);
}

function checkDescriptions(value: JsonObject, limits: Limits, errors: FormErrors, path: Path): void {
  const check = (text: unknown, at: Path): void => {
    between(text, 1, limits.commandDescription, errors, at);
  };
  check(value.description, [...path, 'description']);
  checkLocales(value.description_localizations, errors, [...path, 'description_localizations'], check);
}

function checkLocales(
  value: unknown,
  errors: FormErrors,
  path: Path,
  check: (text: unknown, at: Path) => void,
): void {
  if (!isObject(value)) return;
  for (const [locale, text] of Object.entries(value)) {
    if (!LOCALES.has(locale)) {
      errors.add([...path, locale], 'ENUM_TYPE_COERCE', `Value "${locale}" is not a valid enum value.`);
    } else if (text !== null) check(text, [...path, locale]);
  }
}

function between(value: unknown, least: number, most: number, errors: FormErrors, path: Path): void {
  if (typeof value !== 'string') errors.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
  else if (value.length < least || value.length > most) {
    errors.add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${least} and ${most} in length.`);
  }
}

function refuseTwins(commands: readonly JsonObject[], errors: FormErrors): void {
  const seen = new Set<string>();
  commands.forEach((command, index) => {
    const key = `${typeOf(command)}:${String(command.name)}`;
    if (seen.has(key)) {
      errors.add(
        [index, 'name'],
        'APPLICATION_COMMANDS_DUPLICATE_NAME',
        'Application command names must be unique',
      );
    }
    seen.add(key);
  });
}

/** Names, descriptions and values together, each counted in its longest language. */
function sizeOf(value: JsonObject): number {
  const longest = (text: unknown, translations: unknown): number => {
    return Math.max(
      ...[text, ...Object.values(objectOf(translations))].map((one) =>
        typeof one === 'string' ? one.length : 0,
      ),
    );
  };
  const nested = [...listOf(value.options), ...listOf(value.choices)].map(objectOf);
  return (
    longest(value.name, value.name_localizations) +
    longest(value.description, value.description_localizations) +
    (typeof value.value === 'string' ? value.value.length : 0) +
    nested.reduce((sum, one) => sum + sizeOf(one), 0)
  );
}
