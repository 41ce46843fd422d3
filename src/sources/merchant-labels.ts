/** Translates attributes of the Google Merchant format and of shop systems into the labels of the inventory. */

import type { Availability, LabelName } from '../catalogue/item.ts';

/** Fields that hold paths of categories, from which labels are taken. */
export type CategoryField = 'product_type' | 'google_product_category' | 'categories' | 'category' | 'type';

/**
 * Labels from the paths of categories. `Apparel & Accessories > Clothing > Dresses` gives category, subcategory and type, but the
 * shop's own `product_type` is preferred for the type, and then the deepest of its `categories` (`Clothing > Hoodies, Sale`).
 * Numbers, such as the id of Google's taxonomy in front of a path, give no label, and neither do the words by which shop systems
 * tell simple products from those with variants.
 */
export function merchantLabels(
  fields: Readonly<Partial<Record<CategoryField, string | undefined>>>,
): Partial<Record<LabelName, string>> {
  const google = pathOf(fields.google_product_category);
  const own = deepest([fields.categories, fields.category?.includes('>') ? fields.category : undefined]);
  const path = google.length > 0 ? google : own;
  const type =
    labelType(fields.type) ??
    labelType(fields.product_type) ??
    own.at(-1) ??
    (google.length > 1 ? google.at(-1) : undefined);
  const category = path.length > 1 || path === google ? path[0] : undefined;
  return {
    ...(type !== undefined && { type }),
    ...(category !== undefined && { category }),
    ...(path.length > 2 && path[1] !== undefined && { subcategory: path[1] }),
  };
}

/** `male` becomes `Men`, or `Boys` for a child; other words stay as they are. */
export function merchantGender(gender: string, ageGroup: string | undefined): string {
  const isChild = /^(newborn|infant|toddler|kids)$/i.test(ageGroup?.trim() ?? '');
  switch (gender.trim().toLowerCase()) {
    case 'male':
      return isChild ? 'Boys' : 'Men';
    case 'female':
      return isChild ? 'Girls' : 'Women';
    case 'unisex':
      return 'Unisex';
    default:
      return gender;
  }
}

/** Reads `in_stock`, `InStock`, `https://schema.org/InStock`, `auf Lager` and the like; undefined for any other word. */
export function availabilityOf(value: string | undefined): Availability | undefined {
  return value === undefined
    ? undefined
    : AVAILABILITY_WORDS.get(plainWord(value.replace(/^https?:\/\/schema\.org\//i, '')));
}

/** Reads `1`, `yes`, `TRUE`, a number of pieces, or a word that `availabilityOf` knows. */
export function stockOf(value: string | undefined): Availability | undefined {
  const word = value?.trim().toLowerCase();
  if (word === undefined || word === '') return undefined;
  const count = Number(word);
  if (Number.isFinite(count)) return count > 0 ? 'in stock' : 'out of stock';
  if (/^(true|yes|y|ja|oui|si|sí|sim|tak|はい)$/.test(word)) return 'in stock';
  if (/^(false|no|n|nein|non|não|nie|nee|いいえ)$/.test(word)) return 'out of stock';
  return availabilityOf(word);
}

/** Whether this is no type of clothing but a word such as `simple` or `variable`, or several of them. */
export function isProductKind(value: string): boolean {
  return value.split(',').every((part) => PRODUCT_KINDS.has(part.trim().toLowerCase()));
}

// --- Internal helpers ---

// prettier-ignore
const AVAILABILITY_WORDS: ReadonlyMap<string, Availability> = new Map(
  (
    [
      ['in stock', ['in stock', 'available', 'limited availability', 'in store only', 'online only', 'instock', 'auf Lager', 'lieferbar',
        'verfügbar', 'sofort lieferbar', 'vorrätig', 'en stock', 'disponible', 'in magazzino', 'disponibile', 'em estoque', 'em stock',
        'disponível', 'w magazynie', 'dostępny', 'dostępne', 'na stanie', 'op voorraad', 'beschikbaar', 'leverbaar', '在庫あり', '有り']],
      ['out of stock', ['out of stock', 'sold out', 'unavailable', 'discontinued', 'not available', 'ausverkauft', 'nicht auf Lager',
        'nicht lieferbar', 'nicht verfügbar', 'vergriffen', 'en rupture', 'rupture de stock', 'en rupture de stock', 'épuisé',
        'indisponible', 'agotado', 'sin stock', 'no disponible', 'sin existencias', 'esaurito', 'non disponibile', 'esgotado',
        'sem estoque', 'indisponível', 'brak', 'brak w magazynie', 'niedostępny', 'niedostępne', 'wyprzedany', 'uitverkocht',
        'niet op voorraad', 'niet beschikbaar', '在庫なし', '在庫切れ', '売り切れ', '売切れ', '完売']],
      ['preorder', ['preorder', 'pre-order', 'presale', 'vorbestellbar', 'Vorbestellung', 'précommande', 'reserva', 'preventa',
        'preordine', 'pré-venda', 'przedsprzedaż', 'pre-orderen', '予約', '予約受付中']],
      ['backorder', ['backorder', 'back-order', 'on backorder', 'notify', 'nachbestellt', 'sur commande', 'bajo pedido', 'su ordinazione',
        'sob encomenda', 'na zamówienie', 'nabestelling', 'お取り寄せ', '取り寄せ']],
    ] as const
  ).flatMap(([availability, words]) => words.map((word) => [plainWord(word), availability] as const)),
);

function plainWord(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll('ł', 'l')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** What shop systems call products with and without variants; they say nothing about what an item is. */
const PRODUCT_KINDS = new Set([
  'simple',
  'variable',
  'variation',
  'grouped',
  'external',
  'configurable',
  'virtual',
  'downloadable',
  'bundle',
  'subscription',
  'variable-subscription',
  'product',
  'variant',
  'sku',
  'p',
  'physical',
  'digital',
]);

/** Categories that only hold all others. */
const ROOT_CATEGORIES = new Set([
  'default category',
  'root catalog',
  'home',
  'shop',
  'shop all',
  'all',
  'uncategorized',
]);

function labelType(value: string | undefined): string | undefined {
  return isProductKind(value ?? '') ? undefined : pathOf(value).at(-1);
}

/** The path with most levels in these lists of paths; of several top levels the last one. */
function deepest(lists: readonly (string | undefined)[]): string[] {
  let best: string[] = [];
  for (const list of lists) {
    for (const path of splitPaths(list ?? '').map(pathOf)) {
      if (path.length > best.length || (path.length === 1 && best.length === 1)) best = path;
    }
  }
  return best;
}

/** Paths are separated by line ends, commas, semicolons or bars; WooCommerce writes a comma within a name as `\\,`. */
function splitPaths(list: string): string[] {
  const separator = list.includes('\n') ? /\n/ : /(?<!\\),|[;|]/;
  return list.split(separator).map((path) => path.replaceAll('\\,', ','));
}

function pathOf(value: string | undefined): string[] {
  const text = (value ?? '').trim().replace(/^\d+\s+-\s+/, '');
  const [first = ''] = text.split('/');
  const isSlashed = !text.includes('>') && ROOT_CATEGORIES.has(first.trim().toLowerCase());
  const parts = text.split(isSlashed ? '/' : '>').map((part) => part.trim());
  return parts.filter(
    (part) => part !== '' && !/^\d+$/.test(part) && !ROOT_CATEGORIES.has(part.toLowerCase()),
  );
}
