/** Finds a port for a server that must know its port before it listens. Where port 0 works, let the system choose instead. */

import { randomInt } from 'node:crypto';
import getPort, { portNumbers } from 'get-port';

/**
 * Below the range that each system assigns to outgoing connections (Linux from 32768, macOS and Windows from 49152, gVisor from 16000).
 * An outgoing connection may take a port of such a range before the server listens on it.
 */
const LOWEST = 10_000;
const HIGHEST = 15_999;

/** Starts at a random port, so that test files that run in parallel do not choose the same one. */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1', port: portNumbers(randomInt(LOWEST, HIGHEST), HIGHEST) });
}
