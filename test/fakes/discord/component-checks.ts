/** Checks components that contain others, and where each component is allowed. Source: the component reference. */

import { ComponentType } from 'discord-api-types/v10';
import type { Path } from './api-error.ts';
import {
  type ComponentContext,
  checkButton,
  checkFile,
  checkLength,
  checkMediaItem,
  checkSelect,
  checkSeparator,
  checkText,
} from './component-leaves.ts';
import { type JsonObject, listOf, objectOf } from './json.ts';

export const LEGACY_TOP: readonly ComponentType[] = [ComponentType.ActionRow];
const CONTAINED: readonly ComponentType[] = [
  ComponentType.ActionRow,
  ComponentType.TextDisplay,
  ComponentType.Section,
  ComponentType.MediaGallery,
  ComponentType.Separator,
  ComponentType.File,
];
export const TOP: readonly ComponentType[] = [...CONTAINED, ComponentType.Container];
const SELECTS: readonly ComponentType[] = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
];

/** Checks a component and everything inside it; a kind that is not allowed there is one finding. */
export function checkComponent(
  value: unknown,
  allowed: readonly ComponentType[],
  context: ComponentContext,
  path: Path,
): void {
  const component = objectOf(value);
  const type = component.type as ComponentType;
  if (!allowed.includes(type)) {
    const message = `Value of field "type" must be one of (${allowed.join(', ')}).`;
    context.errors.add([...path, 'type'], 'UNION_TYPE_CHOICES', message);
    return;
  }
  CHECKS[type]?.(component, context, path);
}

// --- Internal helpers ---

type Check = (component: JsonObject, context: ComponentContext, path: Path) => void;

const CHECKS: Partial<Record<ComponentType, Check>> = {
  [ComponentType.ActionRow]: checkRow,
  [ComponentType.Button]: checkButton,
  [ComponentType.StringSelect]: checkSelect,
  [ComponentType.UserSelect]: checkSelect,
  [ComponentType.RoleSelect]: checkSelect,
  [ComponentType.MentionableSelect]: checkSelect,
  [ComponentType.ChannelSelect]: checkSelect,
  [ComponentType.TextDisplay]: checkText,
  [ComponentType.Section]: checkSection,
  [ComponentType.Thumbnail]: checkMediaItem,
  [ComponentType.MediaGallery]: checkGallery,
  [ComponentType.File]: checkFile,
  [ComponentType.Separator]: checkSeparator,
  [ComponentType.Container]: checkContainer,
};

function checkRow(row: JsonObject, context: ComponentContext, path: Path): void {
  const children = listOf(row.components);
  const selects = children.filter((child) => SELECTS.includes(objectOf(child).type as ComponentType));
  const most = selects.length > 0 ? 1 : context.limits.rowButtons;
  checkLength(children.length, 1, most, context, [...path, 'components']);
  children.forEach((child, index) => {
    checkComponent(child, [ComponentType.Button, ...SELECTS], context, [...path, 'components', index]);
  });
}

function checkSection(section: JsonObject, context: ComponentContext, path: Path): void {
  const children = listOf(section.components);
  checkLength(children.length, 1, context.limits.sectionTexts, context, [...path, 'components']);
  children.forEach((child, index) => {
    checkComponent(child, [ComponentType.TextDisplay], context, [...path, 'components', index]);
  });
  if (section.accessory === undefined) {
    context.errors.add([...path, 'accessory'], 'BASE_TYPE_REQUIRED', 'This field is required');
    return;
  }
  checkComponent(section.accessory, [ComponentType.Button, ComponentType.Thumbnail], context, [
    ...path,
    'accessory',
  ]);
}

function checkGallery(gallery: JsonObject, context: ComponentContext, path: Path): void {
  const items = listOf(gallery.items);
  checkLength(items.length, 1, context.limits.galleryItems, context, [...path, 'items']);
  items.forEach((item, index) => {
    checkMediaItem(objectOf(item), context, [...path, 'items', index]);
  });
}

function checkContainer(container: JsonObject, context: ComponentContext, path: Path): void {
  const children = listOf(container.components);
  checkLength(children.length, 1, context.limits.components, context, [...path, 'components']);
  children.forEach((child, index) => {
    checkComponent(child, CONTAINED, context, [...path, 'components', index]);
  });
  const colour = container.accent_color;
  if (typeof colour === 'number' && (colour < 0 || colour > 0xffffff)) {
    context.errors.add(
      [...path, 'accent_color'],
      'NUMBER_TYPE_MAX',
      'int value should be less than or equal to 16777215.',
    );
  }
}
