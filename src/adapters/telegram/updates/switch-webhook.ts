/** Switches Telegram's webhook on or off. Polling works only while it is off. */

import { callUntilAnswered, type ConnectionDependencies } from '../api/call-until-answered.ts';
import type { WebhookSettings } from './serve-webhook.ts';
import { ALLOWED_UPDATES } from './update.ts';

/** @param webhook undefined switches it off. @throws as `callUntilAnswered`. */
export async function switchWebhook(
  dependencies: ConnectionDependencies,
  webhook: Pick<WebhookSettings, 'url' | 'secret'> | undefined,
): Promise<void> {
  if (webhook) {
    const payload = { url: webhook.url, secret_token: webhook.secret, allowed_updates: ALLOWED_UPDATES };
    await callUntilAnswered(dependencies, 'setWebhook', payload);
  } else {
    await callUntilAnswered(dependencies, 'deleteWebhook', {});
  }
}
