/** A port for a server that has to know its port before it listens; wherever 0 does, let the system choose. */

import { randomInt } from 'node:crypto';
import getPort, { portNumbers } from 'get-port';

/**
 * Below every range that a system hands out by itself (Linux from 32768, macOS and Windows from 49152, gVisor from 16000).
 * A port of such a range may be taken by any outgoing connection between here and where it is listened on.
 */
const LOWEST = 10_000;
const HIGHEST = 15_999;

/** A random start keeps test files that run beside each other apart. */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1', port: portNumbers(randomInt(LOWEST, HIGHEST), HIGHEST) });
}
