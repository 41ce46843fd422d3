/** A shop's web server on loopback, with feeds and pictures that tests can change. It counts every request. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ShopPage {
  readonly body?: string | Uint8Array;
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answered with 304 where the visitor has it already. */
  readonly etag?: string;
  readonly lastModified?: string;
}

export type ShopHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ShopVisit {
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
}

export interface ShopServer {
  readonly url: string;
  readonly port: number;
  /** By path, query included. What is not here is answered with 404. */
  readonly pages: Map<string, ShopPage | ShopHandler>;
  /** Every request that was answered, in order. */
  readonly visits: ShopVisit[];
  /** Bytes of bodies that were sent. */
  readonly sent: number;
  /** Most requests in work at once. */
  readonly busiest: number;
  close(): Promise<void>;
}

export async function startShop(): Promise<ShopServer> {
  const pages = new Map<string, ShopPage | ShopHandler>();
  const visits: ShopVisit[] = [];
  let sent = 0;
  let open = 0;
  let busiest = 0;

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    busiest = Math.max(busiest, ++open);
    response.on('close', () => {
      open--;
    });
    response.on('finish', () => visits.push({ path, status: response.statusCode, headers: request.headers }));
    const page = pages.get(path) ?? { status: 404 };
    if (typeof page === 'function') {
      page(request, response);
      return;
    }
    const { etag, lastModified, type, headers, status = 200 } = page;
    const body = Buffer.from(page.body ?? '');
    const known =
      (etag !== undefined && request.headers['if-none-match'] === etag) ||
      (etag === undefined &&
        lastModified !== undefined &&
        request.headers['if-modified-since'] === lastModified);
    response.writeHead(known ? 304 : status, {
      ...(type !== undefined && { 'content-type': type }),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { 'last-modified': lastModified }),
      ...(!known && { 'content-length': String(body.length) }),
      ...headers,
    });
    if (!known) sent += body.length;
    response.end(known ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pages,
    visits,
    get sent() {
      return sent;
    },
    get busiest() {
      return busiest;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
