/** Connections to allowed addresses only: the address that was checked is the one that is connected to. */

import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { type AddressRules, refusalOf } from './address-rules.ts';

/** A host name as all of its addresses. */
export type ResolveHost = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The host is at an address from which nothing is fetched. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';

  constructor(host: string, address: string, why: string) {
    super(
      `${host === address ? host : `${host} (at ${address})`} ${why}, and nothing is fetched from there` +
        (/private|loopback/.test(why)
          ? ' unless the source file says "allowPrivate": true for this source'
          : ''),
    );
  }
}

const CONNECT_MS = 10_000;

/**
 * Names are resolved while connecting, not before, so a name that changes its answer gains nothing. A host is refused when
 * any of its addresses is. Redirects are left to the caller.
 * @param resolveHost default: the system's.
 */
export function createGuardedAgent(rules: AddressRules, resolveHost: ResolveHost = resolveBySystem): Agent {
  const lookup: LookupFunction = (host, options, done) => {
    resolveHost(host, (error, addresses) => {
      const refused = error ?? refusal(host, addresses, rules);
      const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : options.family;
      const [first, ...rest] = addresses.filter((entry) => !family || entry.family === family);
      if (refused || !first) done(refused ?? new Error(`${host} has no address`), '');
      else if (options.all) done(null, [first, ...rest]);
      else done(null, first.address, first.family);
    });
  };
  const connectTo = buildConnector({ lookup, timeout: CONNECT_MS });
  return new Agent({
    connect(options, done) {
      // An address is connected to without asking `lookup`.
      const literal = options.hostname.replace(/^\[(.*)\]$/, '$1');
      const refused = isIP(literal) ? refusal(literal, [{ address: literal, family: 0 }], rules) : undefined;
      if (refused) done(refused, null);
      else connectTo(options, done);
    },
  });
}

// --- Internal helpers ---

const resolveBySystem: ResolveHost = (host, done) => {
  systemLookup(host, { all: true }, (error, addresses) => {
    // Without addresses after an error, whatever the typings say.
    done(error, error ? [] : addresses);
  });
};

function refusal(
  host: string,
  addresses: readonly LookupAddress[],
  rules: AddressRules,
): RefusedAddressError | undefined {
  for (const { address } of addresses) {
    const why = refusalOf(address, rules);
    if (why !== undefined) return new RefusedAddressError(host, address, why);
  }
  return undefined;
}
