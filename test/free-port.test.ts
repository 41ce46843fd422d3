import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort } from './free-port.ts';

const RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

describe('freePort', () => {
  it('returns a port on which a server can listen', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  });

  // Only Linux publishes its range there.
  it.skipIf(!existsSync(RANGE))(
    'returns no port that the system may assign to an outgoing connection',
    async () => {
      const [first = 0, last = 0] = readFileSync(RANGE, 'utf8').trim().split(/\s+/).map(Number);
      for (let n = 0; n < 20; n += 1) {
        const port = await freePort();
        expect(port < first || port > last, `${port} lies in ${first} to ${last}`).toBe(true);
      }
    },
  );
});
