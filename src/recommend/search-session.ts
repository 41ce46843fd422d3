/** From a gallery session to a page of items: one search, or those of all garments of an outfit joined. */

import type { Manifest } from '../embed/model.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import { isOfKind } from '../garments/kind-of-type.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { labelsToFilter } from '../catalogue/predicted-labels.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type Filter, NO_VALUE } from '../search/filter.ts';
import type { ItemIndex } from '../search/item-index.ts';
import { type DistinctNeighbour, distinctNeighbours } from './distinct-neighbours.ts';
import type { GallerySession, GallerySessions } from './gallery-sessions.ts';
import { itemsToShow, type ShownItem } from './items-to-show.ts';

export interface FoundItem extends ShownItem {
  /** The garment that it was found for. */
  readonly garment?: GarmentKind;
}

export interface SearchPage {
  /** By place; undefined for an item that was found and is no longer in the catalogue. */
  readonly items: readonly (FoundItem | undefined)[];
  readonly more: boolean;
  /** The closest item of each search whose page this is, if it is in the catalogue. */
  readonly best: readonly { readonly similarity: number; readonly type: string | undefined }[];
}

export interface SearchOptions {
  /** Products to skip. */
  readonly offset: number;
  /** Products on the page. */
  readonly count: number;
  readonly filter?: Filter | undefined;
}

export interface SearchSessionDependencies {
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly sessions: Pick<GallerySessions, 'get'>;
  readonly duplicateFrom: Manifest['similarity']['duplicateFrom'];
  readonly metrics: Pick<Metrics, 'timed'>;
}

export type SearchSession = (
  index: ItemIndex,
  session: GallerySession,
  options: SearchOptions,
) => Promise<SearchPage>;

export function createSearchSession(dependencies: SearchSessionDependencies): SearchSession {
  const { catalogue, sessions, duplicateFrom, metrics } = dependencies;

  /** Of an outfit one for each garment. A garment whose session is gone is left out, or of which the filter by type wants nothing. */
  async function searchesOf(session: GallerySession, filter: Filter | undefined): Promise<GallerySession[]> {
    const { photo } = session;
    if (!photo?.isOutfit) return [session];
    const found = await Promise.all(
      photo.garments.map(async ({ gallery }) => (gallery === undefined ? undefined : sessions.get(gallery))),
    );
    const left = found.filter((garment) => garment !== undefined);
    const wanted = left.filter(
      ({ kind }) =>
        !filter?.type || kind === undefined || filter.type.some((type) => isOfKind(type, kind) !== false),
    );
    if (wanted.length > 0) return wanted;
    return left.length > 0 ? left.slice(0, 1) : [session];
  }

  return async (index, session, { offset, count, filter }) => {
    const searches = await searchesOf(session, filter);
    // One more than the page holds, to know whether there is another page.
    const wanted = offset + count + 1;
    const lists = await metrics.timed('search', () =>
      Promise.all(
        searches.map(({ embedding, without, kind }, n) =>
          distinctNeighbours({
            index,
            vector: embedding,
            // Of the less prominent garments the closest item is shown, or the next one if another garment has it already.
            wanted: n === 0 || searches.length === 1 ? wanted : Math.min(wanted, searches.length),
            duplicateFrom,
            filter: filterOfKind(index, kind, filter),
            without,
          }),
        ),
      ),
    );
    const joined = joinLists(lists);
    const page = joined.slice(offset, offset + count);
    return {
      items: await metrics.timed('gallery', () => show(page, searches, index)),
      more: joined.length > offset + count,
      best: await bestOf(lists),
    };
  };

  /** In the order of the page; undefined for a product that is no longer in the catalogue. */
  async function show(
    page: readonly JoinedNeighbour[],
    searches: readonly GallerySession[],
    index: ItemIndex,
  ): Promise<(FoundItem | undefined)[]> {
    const shown = new Map<JoinedNeighbour, ShownItem | undefined>();
    await Promise.all(
      searches.map(async ({ embedding }, list) => {
        const own = page.filter((entry) => entry.list === list);
        const items = await itemsToShow(
          own.map(({ product }) => product),
          embedding,
          { catalogue, index },
        );
        own.forEach((entry, n) => shown.set(entry, items[n]));
      }),
    );
    return page.map((entry) => {
      const item = shown.get(entry);
      const garment = searches[entry.list]?.kind;
      return item && { ...item, ...(garment !== undefined && { garment }) };
    });
  }

  async function bestOf(lists: readonly (readonly DistinctNeighbour[])[]): Promise<SearchPage['best']> {
    const best = lists.flatMap(([first]) => (first ? [first] : []));
    const items = await catalogue.getMany(best.map(({ id }) => id));
    return best.map(({ similarity }, n) => {
      const item = items[n];
      return { similarity, type: item && labelsToFilter(item).type };
    });
  }
}

// --- Internal helpers ---

interface JoinedNeighbour {
  readonly product: DistinctNeighbour;
  /** Place of its list. */
  readonly list: number;
}

/** The first of each list, then the rest of the first list that has any; no product twice. */
function joinLists(lists: readonly (readonly DistinctNeighbour[])[]): JoinedNeighbour[] {
  const used = new Set<string>();
  const joined: JoinedNeighbour[] = [];
  const take = (product: DistinctNeighbour, list: number): boolean => {
    if (used.has(product.id)) return false;
    for (const id of [product.id, ...product.duplicates]) used.add(id);
    joined.push({ product, list });
    return true;
  };
  lists.forEach((list, n) => list.some((product) => take(product, n)));
  const main = lists.findIndex((list) => list.length > 0);
  for (const product of lists[main] ?? []) take(product, main);
  return joined;
}

/** The types of so many items must be known here before items of other types are left out, as a share of the inventory. */
const LEAST_KNOWN = 0.6;

/**
 * Items whose type is of the kind. Where the types of many items are not known here, those items may be shown too. A filter of
 * the person by type goes first: the kind is then ignored. So is a kind of which the inventory has nothing.
 */
function filterOfKind(
  index: ItemIndex,
  kind: GarmentKind | undefined,
  filter: Filter | undefined,
): Filter | undefined {
  if (kind === undefined || filter?.type) return filter;
  const types = [...(index.labelCounts().get('type') ?? [])];
  const ofKind = types.filter(([type]) => isOfKind(type, kind) === true);
  if (ofKind.length === 0) return filter;
  const unknown = types.filter(([type]) => isOfKind(type, kind) === undefined);
  const known =
    types.reduce((sum, [, count]) => sum + count, 0) - unknown.reduce((sum, [, count]) => sum + count, 0);
  const accepted = ofKind.map(([type]) => type);
  if (known >= LEAST_KNOWN * index.size) return { ...filter, type: accepted };
  return { ...filter, type: [...accepted, ...unknown.map(([type]) => type), NO_VALUE] };
}
