/** A self-contained page: photos and the items found for them, pictures included. */

import type { Gallery, GalleryItem } from '../src/recommend/gallery.ts';
import type { App } from '../src/create-app.ts';

export interface FoundPhoto {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly gallery: Gallery;
}

export async function galleryPage(
  found: readonly FoundPhoto[],
  { catalogue, pictures }: Pick<App, 'catalogue' | 'pictures'>,
): Promise<string> {
  const card = async (item: GalleryItem): Promise<string> => {
    const stored = await catalogue.get(item.id);
    const tile = stored && (await pictures.read(stored.picture));
    const title = escape(item.title);
    const { availability = 'in stock' } = item;
    const stock = availability === 'in stock' ? '' : `, ${availability}`;
    return `<li>${tile ? `<img src="${dataUri(tile)}" alt="${title}">` : ''}<b>${item.rank}. ${
      item.link === undefined ? title : `<a href="${escape(item.link)}">${title}</a>`
    }</b><span>${escape(item.likeness)}, ${item.similarity.toFixed(3)}${stock}</span></li>`;
  };
  const sections = await Promise.all(
    found.map(async ({ name, bytes, gallery }) => {
      const cards = await Promise.all(gallery.items.map(card));
      const weak = gallery.weak ? '<p>No close match; these are the nearest.</p>' : '';
      return `<section><h2>${escape(name)}</h2>${weak}<ol><li><img src="${dataUri(bytes)}" alt="the photo"><b>your photo</b></li>${cards.join('')}</ol></section>`;
    }),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Closest items</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
  body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
  ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 1rem; padding: 0; list-style: none; }
  li { display: flex; flex-direction: column; gap: .25rem; }
  img { aspect-ratio: 3 / 4; object-fit: contain; background: #fff; border-radius: 8px; }
  span { opacity: .75; }
</style>
${sections.join('\n')}
</html>
`;
}

// --- Internal helpers ---

/** Browsers detect an image type from its bytes, not from the declared type. */
function dataUri(bytes: Uint8Array): string {
  return `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`;
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
