/** Validates all components of a message together: positions, totals and unique ids. */

import { ComponentType } from 'discord-api-types/v10';
import type { FormErrors, Path } from './api-error.ts';
import { LEGACY_TOP, TOP, checkComponent } from './component-checks.ts';
import type { ComponentContext } from './component-leaves.ts';
import { type JsonObject, isObject, listOf } from './json.ts';

/** Adds every finding under `path` to the context's errors. */
export function validateComponents(
  components: readonly unknown[],
  context: ComponentContext,
  path: Path,
): void {
  const { errors, limits, v2 } = context;
  if (!v2 && components.length > limits.legacyRows) {
    errors.add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${limits.legacyRows} in length.`);
  }
  components.forEach((component, index) => {
    checkComponent(component, v2 ? TOP : LEGACY_TOP, context, [...path, index]);
  });
  const all = flatten(components);
  if (all.length > limits.components) {
    errors.add(
      path,
      'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      `The total number of components exceeds the maximum of ${limits.components}`,
    );
  }
  const shown = all.reduce((sum, { component }) => {
    const text = component.type === ComponentType.TextDisplay ? component.content : '';
    return sum + (typeof text === 'string' ? text.length : 0);
  }, 0);
  if (shown > limits.displayedCharacters) {
    errors.add(
      path,
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      `Components displayable text size exceeds maximum size of ${limits.displayedCharacters}`,
    );
  }
  refuseDuplicates(all, errors, path);
}

/** Every component of a tree with its path, nested ones and accessories included; gallery items are not components. */
export function flatten(components: readonly unknown[]): { component: JsonObject; path: Path }[] {
  return components.filter(isObject).flatMap((component, index) => {
    const children = flatten(listOf(component.components)).map((child) => {
      return { ...child, path: [index, 'components', ...child.path] };
    });
    const accessory = isObject(component.accessory)
      ? [{ component: component.accessory, path: [index, 'accessory'] as Path }]
      : [];
    return [{ component, path: [index] as Path }, ...children, ...accessory];
  });
}

// --- Internal helpers ---

function refuseDuplicates(
  all: readonly { component: JsonObject; path: Path }[],
  errors: FormErrors,
  root: Path,
): void {
  const seen = { custom_id: new Set<unknown>(), id: new Set<unknown>() };
  for (const { component, path } of all) {
    for (const key of ['custom_id', 'id'] as const) {
      const value = component[key];
      if (value === undefined || (key === 'id' && value === 0)) continue;
      if (!seen[key].has(value)) seen[key].add(value);
      else if (key === 'custom_id') {
        errors.add(
          [...root, ...path, key],
          'COMPONENT_CUSTOM_ID_DUPLICATED',
          'Component custom id cannot be duplicated',
        );
      } else {
        errors.add([...root, ...path, key], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated');
      }
    }
  }
}
