/** getUpdates and the three webhook methods. */
import type { WebhookInfo } from '@grammyjs/types';
import { badRequest } from '../api-error.ts';
import { limits } from '../limits.ts';
import { flag, integer, json, text, type Parameters } from '../parameters.ts';
import type { World } from '../world.ts';
import type { Method } from './method.ts';

export const getUpdates: Method = (world, parameters, hangUp) => {
  if (world.webhook.registration !== undefined) {
    return world.queue.conflict(
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  }
  readAllowed(world, parameters);
  return world.queue.poll({
    offset: integer(parameters, 'offset', 0),
    limit: integer(parameters, 'limit', limits.updatesAtOnce.value, 1, limits.updatesAtOnce.value),
    timeout: integer(parameters, 'timeout', 0, 0, limits.pollTime.value),
    hangUp,
  });
};

export const setWebhook: Method = (world, parameters) => {
  const url = text(parameters, 'url');
  if (url === '') return deleteWebhook(world, parameters, new AbortController().signal);
  if (flag(parameters, 'drop_pending_updates')) world.queue.clear();
  readAllowed(world, parameters);
  const most = integer(parameters, 'max_connections', limits.webhookConnections.value, 1, 100);
  world.webhook.set({ url, secret: text(parameters, 'secret_token'), maxConnections: most });
  world.queue.interrupt('Conflict: terminated by setWebhook request');
  return true;
};

export const deleteWebhook: Method = (world, parameters) => {
  world.webhook.remove();
  if (flag(parameters, 'drop_pending_updates')) world.queue.clear();
  return true;
};

export const getWebhookInfo: Method = ({ webhook, queue }): WebhookInfo => {
  const { registration, lastError } = webhook;
  const info = {
    url: registration?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: queue.pending.length,
    ...(lastError === undefined
      ? {}
      : { last_error_date: Math.floor(lastError.at / 1000), last_error_message: lastError.message }),
    ...(registration === undefined
      ? {}
      : { max_connections: registration.maxConnections, ip_address: '127.0.0.1' }),
    ...(queue.allowed === undefined ? {} : { allowed_updates: queue.allowed }),
  };
  return info as WebhookInfo;
};

// --- Internal helpers ---

/** The list stays in force until another one is sent; an absent parameter leaves it as it is. */
function readAllowed(world: World, parameters: Parameters): void {
  const allowed = json(parameters, 'allowed_updates', 'allowed_updates');
  if (allowed === undefined) return;
  if (!Array.isArray(allowed) || !allowed.every((kind) => typeof kind === 'string')) {
    throw badRequest("can't parse allowed_updates JSON array");
  }
  world.queue.allow(allowed);
}
