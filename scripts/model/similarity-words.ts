/** The words for the similarity of two items. Every manifest has them, and the chat translates them. */

import type { Manifest } from '../../src/embed/model.ts';

/** @param from the lowest cosine of each word; the last word applies to everything below. */
export function similarityWords(from: {
  readonly nearlyIdentical: number;
  readonly verySimilar: number;
  readonly similar: number;
  readonly looselySimilar: number;
}): Manifest['similarity']['words'] {
  return [
    { from: from.nearlyIdentical, word: 'nearly identical' },
    { from: from.verySimilar, word: 'very similar' },
    { from: from.similar, word: 'similar' },
    { from: from.looselySimilar, word: 'loosely similar' },
    { from: -1, word: 'hardly similar' },
  ];
}
