/** The bot as it ships, for end-to-end tests: the real model, the demo inventory, and a temporary data folder. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCommands } from '../../commands/index.ts';
import { createConversation } from '../../src/chat/create-conversation.ts';
import { createStatus } from '../../src/chat/status.ts';
import { loadTranslations } from '../../src/chat/translations.ts';
import { readConfig } from '../../src/config/config.ts';
import { createGallerySessions } from '../../src/recommend/gallery-sessions.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createApp, type App } from '../../src/create-app.ts';
import { PHOTO_LIMITS } from '../../src/photo/photo-limits.ts';
import { createMemoryAudit } from '../memory-audit.ts';
import { createMemoryStore } from '../memory-store.ts';
import { copyDemoDataFolder } from '../demo-data-folder.ts';
import type { DoorBot } from '../scenarios/door-driver.ts';
import { assetsFolder } from '../shipped-model.ts';

export interface RealBot extends DoorBot {
  readonly parts: App;
  close(): Promise<void>;
}

export async function createRealBot(): Promise<RealBot> {
  const folder = await copyDemoDataFolder();
  const logger = createLogger('silent');
  const config = readConfig({ DATA_DIR: folder });
  const parts = await createApp({ config, logger, purpose: 'a test', mode: 'serve' });
  const store = createMemoryStore();
  const conversation = createConversation({
    ...parts,
    galleries: createGallerySessions(store.namespace('galleries'), parts.model.fingerprint),
    store,
    translations: loadTranslations(join(assetsFolder, 'locales')),
    status: createStatus(parts),
    createCommands,
    audit: createMemoryAudit(),
    limits: { person: undefined, community: undefined, presses: undefined },
    logger,
  });
  return {
    parts,
    conversation,
    store,
    catalogue: parts.catalogue,
    pictures: parts.pictures,
    metrics: parts.metrics,
    photoSide: parts.embedder.input.side,
    maxPhotoBytes: PHOTO_LIMITS.bytes,
    restart() {
      throw new Error('this bot cannot be restarted');
    },
    async close() {
      await conversation.close();
      await parts.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
