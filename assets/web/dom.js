// @ts-check
/** Helpers that create elements without parsing HTML text. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | undefined | ((event: any) => void)>} [attributes]
 *   `onclick` and the like become listeners, booleans become attributes without a value, `undefined` is left out.
 * @param {(Node | string | undefined | false)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (typeof value === 'string') made.setAttribute(name, value);
    else if (value) made.setAttribute(name, '');
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/**
 * One of the icons that index.html defines, as decoration.
 * @param {string} name
 */
export function icon(name) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * The element with this id in index.html, which always exists.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`index.html has no ${kind.name} with the id ${id}`);
  return found;
}

/** @param {string} text */
export function hiddenText(text) {
  return element('span', { class: 'visually-hidden' }, text);
}

/** A number with its noun: `one item`, `5 items`. @param {number} count */
export function itemCount(count) {
  const words = ['no', 'one', 'two', 'three', 'four', 'five'];
  return `${words[count] ?? count} ${count === 1 ? 'item' : 'items'}`;
}
