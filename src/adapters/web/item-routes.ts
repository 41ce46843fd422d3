/** Routes of one item: its data, its picture, and items like it. */

import type { FastifyInstance } from 'fastify';
import { InputError } from '../../util/errors.ts';
import type { Item } from '../../catalogue/item.ts';
import type { Recommender } from '../../recommend/recommend.ts';
import { galleryJson, itemJson } from './gallery-json.ts';
import { DoorError } from './problem.ts';
import { type RawFields, readPageOptions } from './read-query.ts';

/** Browsers keep a picture for an hour, then revalidate it by its digest, which costs one empty response. */
const PICTURE_CACHE = 'public, max-age=3600, must-revalidate';

export interface ItemRoutesDependencies {
  readonly recommender: Recommender;
  readonly catalogue: { get(id: string): Promise<Item | undefined> };
  /** Stored pictures, JPEG, by the digest in `Item.picture`. */
  readonly pictures: { read(digest: string): Promise<Uint8Array | undefined> };
}

interface OfItem {
  Params: { id: string };
  Querystring: RawFields;
}

export function itemRoutes(app: FastifyInstance, deps: ItemRoutesDependencies): void {
  const { recommender, catalogue, pictures } = deps;

  async function itemOf(id: string): Promise<Item> {
    const item = await catalogue.get(id);
    if (!item) {
      throw new InputError(
        'unknown-item',
        'No item of the inventory has this id. Check it, or search again.',
      );
    }
    return item;
  }

  app.get<OfItem>('/api/items/:id', async (request) => itemJson(await itemOf(request.params.id)));

  app.get<OfItem>('/api/items/:id/picture', async (request, reply) => {
    const { picture } = await itemOf(request.params.id);
    const etag = `"${picture}"`;
    void reply.headers({ etag, 'cache-control': PICTURE_CACHE });
    if (holdsTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
    const bytes = await pictures.read(picture);
    if (!bytes) {
      void reply.removeHeader('etag').header('cache-control', 'no-store');
      throw new DoorError(
        'not-found',
        'The item is known, but its picture is not stored. Import the inventory again.',
      );
    }
    return reply.type('image/jpeg').send(bytes);
  });

  app.get<OfItem>('/api/items/:id/similar', async (request) =>
    galleryJson(await recommender.similar(request.params.id, readPageOptions(request.query))),
  );
}

// --- Internal helpers ---

/** Weak comparison, as RFC 9110 section 13.1.2 asks for. */
function holdsTag(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, ''))) ?? false;
}
