/** Checks components that contain no others: buttons, selects, texts, pictures, files and separators. */

import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import type { FormErrors, Path } from './api-error.ts';
import { type JsonObject, listOf, objectOf } from './json.ts';
import type { Limits } from './limits.ts';

export interface ComponentContext {
  readonly errors: FormErrors;
  readonly limits: Limits;
  /** Whether the message carries the components flag. */
  readonly v2: boolean;
  /** Names that `attachment://` may use. */
  readonly fileNames: ReadonlySet<string>;
}

const PRESSABLE: readonly unknown[] = [
  ButtonStyle.Primary,
  ButtonStyle.Secondary,
  ButtonStyle.Success,
  ButtonStyle.Danger,
];

export function checkButton(button: JsonObject, context: ComponentContext, path: Path): void {
  const { errors, limits } = context;
  const style = button.style;
  checkText80(button.label, context, [...path, 'label']);
  if (button.label === undefined && button.emoji === undefined) {
    errors.add(path, 'BUTTON_COMPONENT_INVALID_LABEL_EMOJI', 'A button must have a label or an emoji');
  }
  if (style === ButtonStyle.Link) {
    if (button.custom_id !== undefined) {
      errors.add(
        [...path, 'custom_id'],
        'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
        'A custom id and url cannot both be specified',
      );
    }
    const url = button.url;
    if (typeof url !== 'string' || !/^(https?|discord):\/\//.test(url) || url.length > limits.buttonUrl) {
      errors.add([...path, 'url'], 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
    }
    return;
  }
  if (!PRESSABLE.includes(style)) {
    errors.add([...path, 'style'], 'BASE_TYPE_CHOICES', 'Value must be one of {1, 2, 3, 4, 5, 6}.');
  }
  if (button.url !== undefined) {
    errors.add([...path, 'url'], 'BUTTON_COMPONENT_INVALID_URL', 'Only link buttons have a url');
  }
  checkCustomId(button, context, path);
}

export function checkSelect(select: JsonObject, context: ComponentContext, path: Path): void {
  const { errors, limits } = context;
  checkCustomId(select, context, path);
  const placeholder = select.placeholder;
  if (typeof placeholder === 'string' && placeholder.length > limits.selectPlaceholder) {
    tooLong(limits.selectPlaceholder, context, [...path, 'placeholder']);
  }
  if (select.type !== ComponentType.StringSelect) return;
  const options = listOf(select.options).map(objectOf);
  checkLength(options.length, 1, limits.selectOptions, context, [...path, 'options']);
  options.forEach((option, index) => {
    for (const key of ['label', 'value', 'description']) {
      const text = option[key];
      if (key === 'description' && text === undefined) continue;
      checkLength(typeof text === 'string' ? text.length : 0, 1, limits.selectText, context, [
        ...path,
        'options',
        index,
        key,
      ]);
    }
  });
  if (new Set(options.map((option) => option.value)).size < options.length) {
    errors.add(
      [...path, 'options'],
      'COMPONENT_OPTION_VALUE_DUPLICATED',
      'The specified option value is already used',
    );
  }
  const least = select.min_values ?? 1;
  const most = select.max_values ?? 1;
  if (Number(least) > Number(most) || Number(most) > options.length) {
    errors.add([...path, 'max_values'], 'NUMBER_TYPE_MAX', 'min_values and max_values must fit the options.');
  }
}

export function checkText(text: JsonObject, context: ComponentContext, path: Path): void {
  const content = text.content;
  const length = typeof content === 'string' ? content.length : 0;
  checkLength(length, 1, context.limits.displayedCharacters, context, [...path, 'content']);
}

export function checkMediaItem(item: JsonObject, context: ComponentContext, path: Path): void {
  const description = item.description;
  if (typeof description === 'string' && description.length > context.limits.altTextCharacters) {
    tooLong(context.limits.altTextCharacters, context, [...path, 'description']);
  }
  checkUrl(objectOf(item.media).url, false, context, [...path, 'media', 'url']);
}

export function checkFile(file: JsonObject, context: ComponentContext, path: Path): void {
  checkUrl(objectOf(file.file).url, true, context, [...path, 'file', 'url']);
}

export function checkSeparator(separator: JsonObject, context: ComponentContext, path: Path): void {
  const spacing = separator.spacing;
  if (spacing === undefined || spacing === 1 || spacing === 2) return;
  context.errors.add([...path, 'spacing'], 'BASE_TYPE_CHOICES', 'Value must be one of {1, 2}.');
}

export function checkLength(
  length: number,
  least: number,
  most: number,
  context: ComponentContext,
  path: Path,
): void {
  if (length >= least && length <= most) return;
  context.errors.add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${least} and ${most} in length.`);
}

// --- Internal helpers ---

function checkUrl(url: unknown, attachmentsOnly: boolean, context: ComponentContext, path: Path): void {
  if (typeof url === 'string' && url.startsWith('attachment://')) {
    const name = url.slice('attachment://'.length);
    if (context.fileNames.has(name)) return;
    const message = `The referenced attachment "${name}" was not found`;
    context.errors.add(path, 'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND', message);
    return;
  }
  if (!attachmentsOnly && typeof url === 'string' && /^https?:\/\/\S+$/.test(url)) return;
  context.errors.add(
    path,
    'URL_TYPE_INVALID_SCHEME',
    `Scheme must be one of (${attachmentsOnly ? '' : "'http', 'https', "}'attachment').`,
  );
}

function checkCustomId(component: JsonObject, context: ComponentContext, path: Path): void {
  const id = component.custom_id;
  if (typeof id === 'string') {
    checkLength(id.length, 1, context.limits.customIdCharacters, context, [...path, 'custom_id']);
  } else {
    context.errors.add([...path, 'custom_id'], 'BASE_TYPE_REQUIRED', 'This field is required');
  }
}

function checkText80(label: unknown, context: ComponentContext, path: Path): void {
  if (typeof label !== 'string' || label.length <= context.limits.buttonLabel) return;
  tooLong(context.limits.buttonLabel, context, path);
}

function tooLong(most: number, context: ComponentContext, path: Path): void {
  context.errors.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${most} or fewer in length.`);
}
