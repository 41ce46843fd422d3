import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { assertPortFree } from '../../src/util/port.ts';
import { freePort } from '../free-port.ts';

it('a free port can be listened on after it was tried', async () => {
  const port = await freePort();
  await assertPortFree({ host: '127.0.0.1', port, setting: 'PORT' });
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  await expect(assertPortFree({ host: '127.0.0.1', port, setting: 'PORT' })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken by another program. Stop that program, or choose another port, for example PORT=${port + 1}.`,
  );
  server.close();
});

it('an address that this machine does not have is named with the setting to change', async () => {
  const place = { host: '192.0.2.1', port: 0, setting: 'TELEGRAM_WEBHOOK_PORT' };
  await expect(assertPortFree(place)).rejects.toThrow('Set TELEGRAM_WEBHOOK_HOST to one that is');
});
