/** The words of titles, which name what the labels leave out: brand, pattern, material, cut. */

import type { LabelledItem } from './labelled-items.ts';

/** A word in fewer titles than this is not learned. */
const LEAST_TITLES = 30;

export interface TitleWords {
  /** In alphabetical order. */
  readonly words: readonly string[];
  /** Indices into `words` of the words in each item's title, each once. */
  readonly ofItems: readonly Uint16Array[];
}

/** A word is a sequence of letters, digits and characters that join them: "t-shirt", "women's", "q&q". Case is ignored. */
export function wordsOfTitles(items: readonly Pick<LabelledItem, 'title'>[]): TitleWords {
  const titles = items.map(
    ({ title }) =>
      new Set(
        title
          .normalize('NFKC')
          .toLowerCase()
          .match(/[\p{L}\p{N}]+(?:['&.-][\p{L}\p{N}]+)*/gu),
      ),
  );
  const counts = new Map<string, number>();
  for (const title of titles) for (const word of title) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts]
    .filter(([, count]) => count >= LEAST_TITLES)
    .map(([word]) => word)
    .sort();
  const indices = new Map(words.map((word, index) => [word, index]));
  const ofItems = titles.map((title) =>
    Uint16Array.from([...title].flatMap((word) => indices.get(word) ?? [])),
  );
  return { words, ofItems };
}

/** A matrix `[items, count]` with 1 where an item has that word. @param indices of each item's words. */
export function multiHot(indices: readonly Iterable<number>[], count: number): Float32Array {
  const hot = new Float32Array(indices.length * count);
  indices.forEach((own, row) => {
    for (const index of own) hot[row * count + index] = 1;
  });
  return hot;
}
