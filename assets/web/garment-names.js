// @ts-check
/** The names of kinds of garments for people. */

/** @type {Record<string, string>} */
const NAMES = {
  top: 'Top',
  outerwear: 'Outerwear',
  dress: 'Dress',
  trousers: 'Trousers',
  shorts: 'Shorts',
  skirt: 'Skirt',
  shoes: 'Shoes',
  bag: 'Bag',
  hat: 'Hat',
  sunglasses: 'Sunglasses',
};

/** @param {string} kind as the API names it. A kind that is not known here is shown as it is. */
export function garmentName(kind) {
  return NAMES[kind] ?? kind;
}

/**
 * Names in the order of the garments; of several garments of one kind, the second is called `Top 2`.
 * @param {readonly { kind: string }[]} garments
 * @returns {string[]}
 */
export function garmentNames(garments) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return garments.map(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count === 1 ? garmentName(kind) : `${garmentName(kind)} ${count}`;
  });
}
