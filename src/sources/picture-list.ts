/** Splits a value that names several pictures. */

import { decodeEntities } from './text/entities.ts';

/** Most pictures of a product that are read. */
export const MAX_PICTURES = 20;

/**
 * The addresses or paths in a value, separated by line ends, commas, semicolons or bars. A comma within an address or a file name
 * stays: a value is only split where each part is an address or ends like a picture.
 */
export function picturesIn(value: string | undefined): string[] {
  const lines = (value ?? '').split('\n').flatMap(splitLine);
  return [...new Set(lines)].slice(0, MAX_PICTURES);
}

// --- Internal helpers ---

function splitLine(line: string): string[] {
  const text = decodeEntities(line).trim();
  if (text === '') return [];
  for (const separator of [/\s*\|\s*/, /\s*[,;]\s+/, /\s*[,;]\s*/]) {
    const parts = text.split(separator).map((part) => part.trim());
    const named = parts.filter((part) => part !== '');
    if (named.length > 1 && named.every(isWhole)) return named;
  }
  return [text.replace(/\s*[,;|]$/, '')];
}

function isWhole(part: string): boolean {
  return /^(https?:)?\/\//i.test(part) || /\.[a-z]{3,4}$/i.test(part);
}
