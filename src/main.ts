/** Composition root: reads the config, builds the app and its adapters, starts them, stops on a signal. No logic. */

import { join } from 'node:path';
import type { Adapter } from './adapters/adapter.ts';
import type { ReindexTrigger } from './reindex/triggers/trigger.ts';
import { createScheduleTrigger } from './reindex/triggers/schedule-trigger.ts';
import { createWatchTrigger } from './reindex/triggers/watch-trigger.ts';
import { createTelegramAdapter } from './adapters/telegram/telegram-adapter.ts';
import { createWebAdapter } from './adapters/web/web-adapter.ts';
import { createCommands } from '../commands/index.ts';
import { createTypedCommands } from './adapters/web/typed-commands.ts';
import { createConversation } from './chat/create-conversation.ts';
import { activityOf } from './reindex/reindex-job.ts';
import { createStatus } from './chat/status.ts';
import { loadTranslations } from './chat/translations.ts';
import { readConfig } from './config/config.ts';
import { assertPortFree } from './util/port.ts';
import { EXIT_CODES, OperatorError } from './util/errors.ts';
import { createLogger, type Logger } from './util/logger.ts';
import { createApp } from './create-app.ts';
import { PHOTO_LIMITS } from './photo/photo-limits.ts';
import { readinessOf } from './adapters/web/readiness.ts';
import { AUDIT_FILE, closeInterruptedRun, createAuditLog } from './store/audit-log.ts';

/** Longest time from a signal to the exit; after that the process exits by force. */
const SHUTDOWN_LIMIT_MS = 10_000;

try {
  const config = readConfig();
  const logger = createLogger(config.logLevel);
  const { host, port } = config;
  await assertPortFree({ host, port, setting: 'PORT' });
  const webhook = config.telegram?.webhook;
  if (webhook)
    await assertPortFree({ host: webhook.host, port: webhook.port, setting: 'TELEGRAM_WEBHOOK_PORT' });
  const app = await createApp({ config, logger, purpose: 'the bot', mode: 'serve' });
  const auditFile = join(config.dataFolder, AUDIT_FILE);
  const audit = createAuditLog(auditFile, logger);
  await closeInterruptedRun(auditFile, audit, await app.inventory.runs());
  const status = createStatus(app);
  const translations = loadTranslations(join(config.assetsFolder, 'locales'));
  const { limits } = config;
  const conversation = createConversation({
    ...app,
    store: app.localStore,
    translations,
    status,
    createCommands,
    audit,
    limits,
    logger,
  });
  app.metrics.observeInventory(async () => ({
    ...(await status()),
    reindex: activityOf(conversation.reindex),
  }));
  let stopping = false;

  const web = createWebAdapter({
    ...app,
    chat: createTypedCommands({ conversation }),
    labels: () => app.index()?.labelCounts() ?? new Map(),
    panel: config.inventoryPanel ? { reindex: conversation.reindex, status } : undefined,
    ready: () => readinessOf(app.embedder.status(), stopping),
    host,
    port,
    allowedHosts: config.allowedHosts,
    assetsFolder: config.assetsFolder,
    maxPhotoBytes: PHOTO_LIMITS.bytes,
    logger,
  });
  const adapters: Adapter[] = [web];
  if (config.telegram) {
    adapters.push(
      createTelegramAdapter({
        conversation,
        catalogue: app.catalogue,
        pictures: app.pictures,
        store: app.localStore,
        settings: config.telegram,
        maxPhotoBytes: PHOTO_LIMITS.bytes,
        photoSide: app.embedder.input.side,
        metrics: app.metrics.telegram,
        logger,
      }),
    );
  }

  if (config.discord) {
    // discord.js takes as long to load as all the rest, and 35 MB.
    const { createDiscordAdapter } = await import('./adapters/discord/discord-adapter.ts');
    adapters.push(
      createDiscordAdapter({
        conversation,
        catalogue: app.catalogue,
        pictures: app.pictures,
        store: app.localStore,
        settings: config.discord,
        maxPhotoBytes: PHOTO_LIMITS.bytes,
        metrics: app.metrics.discord,
        logger,
      }),
    );
  }

  const triggers: ReindexTrigger[] = [];
  const triggerDependencies = { reindex: conversation.reindex, logger };
  const { schedule, watch } = config.reindex;
  if (schedule !== undefined) triggers.push(createScheduleTrigger({ ...triggerDependencies, schedule }));
  if (watch) {
    const { inventory } = app;
    triggers.push(
      createWatchTrigger({ ...triggerDependencies, inventory, sourceFile: config.inventoryFile.path }),
    );
  }

  const stop = async (): Promise<void> => {
    stopping = true;
    const stopped = Promise.all([...adapters, ...triggers].map((part) => part.stop()));
    // Stops a reindex at once, and accepts posts until the adapters have stopped.
    await conversation.close(stopped);
    await stopped;
    await app.close();
  };
  onShutdown(logger, stop);
  try {
    for (const part of [...adapters, ...triggers]) await part.start();
  } catch (error) {
    await stop();
    throw error;
  }
  logger.info(
    { items: app.index()?.size ?? 0, address: web.address },
    `ready: open ${web.address ?? ''} and send a photo`,
  );
  if (!config.telegram && !config.discord) {
    logger.info(
      'only the web chat is on; TELEGRAM_TOKEN or DISCORD_TOKEN in .env opens Telegram or Discord too (docs/telegram.md, docs/discord.md)',
    );
  }
  if (process.stdout.isTTY) process.stdout.write(`\n  ${web.address ?? ''}\n\n`);
} catch (error) {
  // An operator's error is explained; a defect shows its stack trace.
  process.stderr.write(
    `${error instanceof OperatorError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(error instanceof OperatorError ? error.exitCode : EXIT_CODES.general);
}

// --- Internal helpers ---

/** The first signal stops in order. A second one, or a stop that takes too long, exits at once. */
function onShutdown(logger: Logger, stop: () => Promise<void>): void {
  let asked = false;
  const handle = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(1);
    asked = true;
    logger.info({ signal }, 'stopping: finishing accepted work');
    setTimeout(() => {
      logger.error(`did not stop within ${SHUTDOWN_LIMIT_MS / 1000} s; exiting by force`);
      process.exit(1);
    }, SHUTDOWN_LIMIT_MS).unref();
    stop().then(
      () => {
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}
