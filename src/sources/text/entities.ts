/** Decodes HTML entities that were encoded once more than the format of a feed needs. */

import { decodeHTMLStrict } from 'entities';

/** Shop systems encode at most twice too often. */
const MAX_ROUNDS = 2;

/** `Hoodie &#8211; Blue &amp;amp; White` becomes `Hoodie – Blue & White`. Text without entities is returned as it is. */
export function decodeEntities(text: string): string {
  let decoded = text;
  for (let round = 0; round < MAX_ROUNDS && decoded.includes('&'); round++) {
    // Strict: an entity has to end in a semicolon, so that a link such as `?a=1&copy=2` keeps its meaning.
    const next = decodeHTMLStrict(decoded);
    if (next === decoded) break;
    decoded = next;
  }
  return decoded;
}
