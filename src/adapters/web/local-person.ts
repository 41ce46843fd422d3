/** Tells whether a request comes from a person at this machine; only they may see and change the inventory. */

import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Proxies add one of these headers to forwarded requests. */
const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

export interface Caller {
  /** Address of the connection itself, never taken from a header. */
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * True if the connection comes from this machine, names one of its own host names, passed no proxy and, in a browser, comes from
 * this server's own page. A proxy on this machine that rewrites `Host` and adds no header cannot be recognised: set INVENTORY_PANEL=off.
 */
export function isLocalPerson({ address, headers }: Caller): boolean {
  const family = isIP(address ?? '');
  if (address === undefined || family === 0) return false;
  if (!loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')) return false;
  if (FORWARDING_HEADERS.some((name) => headers[name] !== undefined)) return false;
  const host = headers.host?.toLowerCase() ?? '';
  if (!LOOPBACK_NAMES.has(host.replace(/:\d+$/, ''))) return false;
  const { origin } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
