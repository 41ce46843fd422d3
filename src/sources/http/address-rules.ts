/** Which network addresses an inventory may be fetched from. */

import ipaddr from 'ipaddr.js';

export interface AddressRules {
  /** Also from this machine, a LAN and a private overlay network. */
  readonly allowPrivate: boolean;
}

/** Why nothing is fetched from this IP address; undefined when it may be. */
export function refusalOf(address: string, { allowPrivate }: AddressRules): string | undefined {
  if (!ipaddr.isValid(address)) return 'is not an IP address';
  // An IPv4 address in IPv6 clothes is what it stands for.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (allowPrivate && PRIVATE.has(range)) return undefined;
  // The IANA gives out global addresses from 2000::/3 only.
  const isGlobal = range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6));
  return isGlobal ? undefined : `is ${WORDS[range] ?? 'a reserved address'}`;
}

// --- Internal helpers ---

/** Link-local ones are not among them: cloud machines give out their secrets at 169.254.169.254. */
const PRIVATE: ReadonlySet<string> = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

const WORDS: Readonly<Record<string, string>> = {
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'a private address',
  loopback: 'a loopback address',
  linkLocal: 'a link-local address',
  multicast: 'a multicast address',
};
