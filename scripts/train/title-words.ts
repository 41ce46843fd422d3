/** The words of titles, which say what the labels leave out: brand, pattern, material, cut. */

import type { LabelledItem } from './labelled-items.ts';

/** A word that fewer titles have is not learned. */
const FEWEST = 30;

export interface TitleWords {
  /** In alphabetical order. */
  readonly words: readonly string[];
  /** Places in `words` of those in each item's title, each once. */
  readonly ofItems: readonly Uint16Array[];
}

/** A word is a run of letters, digits and what joins them: "t-shirt", "women's", "q&q". Case is no difference. */
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
    .filter(([, count]) => count >= FEWEST)
    .map(([word]) => word)
    .sort();
  const places = new Map(words.map((word, place) => [word, place]));
  const ofItems = titles.map((title) =>
    Uint16Array.from([...title].flatMap((word) => places.get(word) ?? [])),
  );
  return { words, ofItems };
}

/** `[items, count]`, 1 where an item has that word. @param places of each item's words. */
export function severalHot(places: readonly Uint16Array[], count: number): Float32Array {
  const hot = new Float32Array(places.length * count);
  places.forEach((own, row) => {
    for (const place of own) hot[row * count + place] = 1;
  });
  return hot;
}
