/** An HTTP agent that connects to allowed addresses only: the address that was checked is the one it connects to. */

import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { type AddressRules, refusalReason } from './address-rules.ts';

/** Resolves a host name to all of its addresses. */
export type ResolveHost = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The host has an address from which nothing may be fetched. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';

  constructor(host: string, address: string, reason: string) {
    super(
      `${host === address ? host : `${host} (at ${address})`} ${reason}, and nothing is fetched from there` +
        (/private|loopback/.test(reason)
          ? ' unless the source file says "allowPrivate": true for this source, or its import --allow-private'
          : ''),
    );
  }
}

const CONNECT_MS = 10_000;

/**
 * Names are resolved while connecting, so a name whose answer changes after a check gains nothing (DNS rebinding). A host
 * is refused when any of its addresses is. Redirects are left to the caller.
 * @param resolveHost default: the system's resolver.
 */
export function createGuardedAgent(rules: AddressRules, resolveHost: ResolveHost = resolveBySystem): Agent {
  const lookup: LookupFunction = (host, options, done) => {
    resolveHost(host, (error, addresses) => {
      const failure = error ?? refusalOf(host, addresses, rules);
      const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : options.family;
      const [first, ...rest] = addresses.filter((entry) => !family || entry.family === family);
      if (failure || !first) done(failure ?? new Error(`${host} has no address`), '');
      else if (options.all) done(null, [first, ...rest]);
      else done(null, first.address, first.family);
    });
  };
  const connectTo = buildConnector({ lookup, timeout: CONNECT_MS });
  return new Agent({
    connect(options, done) {
      // For a URL with an IP address Node does not call `lookup`.
      const literal = options.hostname.replace(/^\[(.*)\]$/, '$1');
      const refusal = isIP(literal)
        ? refusalOf(literal, [{ address: literal, family: 0 }], rules)
        : undefined;
      if (refusal) done(refusal, null);
      else connectTo(options, done);
    },
  });
}

// --- Internal helpers ---

const resolveBySystem: ResolveHost = (host, done) => {
  systemLookup(host, { all: true }, (error, addresses) => {
    // After an error `addresses` is undefined, although its type does not say so.
    done(error, error ? [] : addresses);
  });
};

function refusalOf(
  host: string,
  addresses: readonly LookupAddress[],
  rules: AddressRules,
): RefusedAddressError | undefined {
  for (const { address } of addresses) {
    const reason = refusalReason(address, rules);
    if (reason !== undefined) return new RefusedAddressError(host, address, reason);
  }
  return undefined;
}
