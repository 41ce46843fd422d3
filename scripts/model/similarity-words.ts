/** The words for how alike two items are, as every manifest has them and the doors translate them. */

import type { Manifest } from '../../src/embed/model.ts';

/** @param from the cosines at which each word begins; the last word catches everything below. */
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
