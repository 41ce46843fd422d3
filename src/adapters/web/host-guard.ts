/**
 * Who may talk to this door: only browsers that were sent to a name of this server, and only pages it served itself.
 * The first stops DNS rebinding (a foreign name that resolves to this machine), the second forged cross-site requests.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { DoorError } from './problem.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Captures the name without the port; only IPv6 addresses hold colons, and they are in brackets. */
const HOST_HEADER = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i;

export interface HostGuardOptions {
  /** The address that is listened on; asking for it by that name is always right. */
  readonly host: string;
  /** Further names without port, for example `fashion.example`, `192.168.1.20` or `[fd00::20]`. */
  readonly allowedHosts: readonly string[];
  /** What a person on this machine opens, for example `http://localhost:8080`. */
  readonly address: () => string;
}

/** @returns a check of one request: what to refuse it with, `foreign-host` or `foreign-origin`, or nothing. */
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
        'Requests that send something are only taken from this server’s own page and from programs, not from other websites.',
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
