/**
 * Accepts only requests for a host name of this server, and only from pages that it served itself.
 * The first rule stops DNS rebinding (a foreign name that resolves to this machine), the second forged cross-site requests.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { DoorError } from './problem.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Captures the name without the port; only IPv6 addresses hold colons, and they are in brackets. */
const HOST_HEADER = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i;

export interface HostGuardOptions {
  /** The address that the server listens on; a request for it is always accepted. */
  readonly host: string;
  /** More accepted names, without port, for example `fashion.example`, `192.168.1.20` or `[fd00::20]`. */
  readonly allowedHosts: readonly string[];
  /** What a person on this machine opens, for example `http://localhost:8080`. */
  readonly address: () => string;
}

/** @returns a check of one request: the error to refuse it with (`foreign-host` or `foreign-origin`), or undefined. */
export function createHostGuard({ host, allowedHosts, address }: HostGuardOptions) {
  const names = new Set([...LOOPBACK_NAMES, ...[host, ...allowedHosts].map(normaliseName)]);
  return (request: {
    readonly method: string;
    readonly headers: IncomingHttpHeaders;
  }): DoorError | undefined => {
    const name = HOST_HEADER.exec(request.headers.host ?? '')?.[1]?.toLowerCase();
    if (name === undefined || !names.has(name)) {
      return new DoorError(
        'foreign-host',
        `This server does not answer to the host name of this request. Open it as ${address()}, ` +
          `or let its operator add the name to ALLOWED_HOSTS.`,
      );
    }
    if (!SAFE_METHODS.has(request.method) && !isOwnPage(request.headers)) {
      return new DoorError(
        'foreign-origin',
        'Requests that send data are accepted only from this server’s own page and from programs, not from other websites.',
      );
    }
    return undefined;
  };
}

// --- Internal helpers ---

/** `::1` and `[::1]` are the same name; a Host header always has the brackets. */
function normaliseName(name: string): string {
  const lower = name.trim().toLowerCase();
  return lower.includes(':') && !lower.startsWith('[') ? `[${lower}]` : lower;
}

/**
 * Browsers send Sec-Fetch-Site to trustworthy addresses and Origin with every request that changes something;
 * a page cannot forge either. Programs such as curl send neither.
 */
function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host?.toLowerCase();
}
