/** Which IP addresses may be fetched from. */

import ipaddr from 'ipaddr.js';

export interface AddressRules {
  /** Whether this machine, the local network and private overlay networks may be fetched from too. */
  readonly allowPrivate: boolean;
}

/** Why nothing may be fetched from this IP address, for example `is a loopback address`; undefined when it is allowed. */
export function refusalReason(address: string, { allowPrivate }: AddressRules): string | undefined {
  if (!ipaddr.isValid(address)) return 'is not an IP address';
  // Turns an IPv4-mapped IPv6 address into its IPv4 address.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (allowPrivate && PRIVATE_RANGES.has(range)) return undefined;
  // IANA assigns global IPv6 addresses from 2000::/3 only.
  const isGlobal = range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6));
  return isGlobal ? undefined : `is ${RANGE_NAMES[range] ?? 'a reserved address'}`;
}

// --- Internal helpers ---

/** Without the link-local range: cloud machines serve their secrets at 169.254.169.254. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  'private',
  'loopback',
  'uniqueLocal',
  'carrierGradeNat',
]);

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

const RANGE_NAMES: Readonly<Record<string, string>> = {
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'a private address',
  loopback: 'a loopback address',
  linkLocal: 'a link-local address',
  multicast: 'a multicast address',
};
