/** Finds the address of the next page of a list of products that a shop hands out in pages. */

export interface ListPage {
  readonly url: URL;
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** The `Link` header of the response. */
  readonly link: string | undefined;
}

export interface NextPage {
  readonly url: URL;
  /** Whether the shop has said that there is such a page. Otherwise an answer of 404 means that there is none. */
  readonly isAnnounced: boolean;
}

/**
 * Shops that announce their pages do it with `Link: <address>; rel="next"` (RFC 8288), as WooCommerce and Shopify's Admin API do.
 * Shopify's public list, `products.json`, takes a number and ends with an empty page.
 * @returns undefined for a list without pages, and after the last one.
 */
export function nextPage({ url, number, text, link }: ListPage): NextPage | undefined {
  const announced = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (announced !== undefined && URL.canParse(announced, url.href)) {
    const next = new URL(announced, url.href);
    // A header with a secret goes to the shop's own server only, and so do the pages.
    return next.origin === url.origin ? { url: next, isAnnounced: true } : undefined;
  }
  if (!isShopifyList(text)) return undefined;
  const next = new URL(url);
  const page = Number(url.searchParams.get('page') ?? 1);
  if (number === 1 && url.searchParams.has('page')) return undefined;
  next.searchParams.set('page', String(page + 1));
  return { url: next, isAnnounced: false };
}

/** Whether a page of a Shopify list holds products; such products have variants. */
export function isShopifyList(text: string): boolean {
  return /^\s*\{\s*"products"\s*:\s*\[\s*\{/.test(text) && text.includes('"variants"');
}

/** The ids at the start of a page, to notice a server that sends the same page for every number. */
export function pageKey(text: string): string {
  return text.slice(0, 2_000);
}
