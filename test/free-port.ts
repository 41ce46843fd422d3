/** A free port for a server that must know its port before it listens. Otherwise use port 0, so that the system chooses. */

import { randomInt } from 'node:crypto';
import getPort, { portNumbers } from 'get-port';

/**
 * Below every range that a system hands out by itself (Linux from 32768, macOS and Windows from 49152, gVisor from 16000).
 * An outgoing connection may take a port of such a range before the server listens on it.
 */
const LOWEST = 10_000;
const HIGHEST = 15_999;

/** A random start keeps test files that run at the same time apart. */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1', port: portNumbers(randomInt(LOWEST, HIGHEST), HIGHEST) });
}
