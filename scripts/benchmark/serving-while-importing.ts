/**
 * Child program of the benchmark: serves the web chat and, on a signal, imports an inventory in the same process; without an
 * inventory it embeds all items again. Prints each phase as it begins.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createWebAdapter } from '../../src/adapters/web/web-adapter.ts';
import { textReply } from '../../src/chat/reply.ts';
import { readConfig } from '../../src/config/config.ts';
import type { ReindexProgress } from '../../src/reindex/reindex-options.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createApp } from '../../src/create-app.ts';
import { PHOTO_LIMITS } from '../../src/photo/photo-limits.ts';

const [path] = process.argv.slice(2);
const config = readConfig();
const logger = createLogger('warn');
const app = await createApp({ config, logger, purpose: 'the benchmark', mode: 'serve' });
const web = createWebAdapter({
  ...app,
  chat: { say: () => Promise.resolve(textReply('')) },
  labels: () => app.index()?.labelCounts() ?? new Map(),
  ready: () => ({ ready: true }),
  host: '127.0.0.1',
  port: 0,
  allowedHosts: [],
  assetsFolder: config.assetsFolder,
  maxPhotoBytes: PHOTO_LIMITS.bytes,
  logger,
});
await web.start();
console.log(`address ${web.address ?? ''}`);

/** SIGUSR2 starts the import. SIGTERM ends everything and prints the event-loop delay since the import began. */
const delay = monitorEventLoopDelay({ resolution: 1 });
const stopping = new AbortController();
let importing: Promise<unknown> = Promise.resolve();
process.on('SIGUSR2', () => {
  delay.enable();
  let phase = '';
  const options = {
    signal: stopping.signal,
    onProgress: (progress: ReindexProgress) => {
      if (progress.phase !== phase) console.log(`phase ${progress.phase}`);
      phase = progress.phase;
    },
  };
  const { inventory } = app;
  importing = (
    path === undefined ? inventory.reindex({ ...options, full: true }) : inventory.import(path, options)
  )
    .then(() => {
      console.log('import finished');
    })
    .catch(() => undefined);
  console.log('importing');
});
process.on('SIGTERM', () => {
  delay.disable();
  console.log(`delay ${delay.percentile(50) / 1e6} ${delay.percentile(99) / 1e6} ${delay.max / 1e6}`);
  stopping.abort(new Error('measured'));
  void importing
    .then(() => web.stop())
    .then(() => app.close())
    .then(() => process.exit(0));
});
