/** First contact: who the bot is, and whether Telegram knows the token. */

import { z } from 'zod';
import type { Clock } from '../../../util/clock.ts';
import { EXIT_CODES, OperatorError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from './bot-api.ts';
import { CallError } from './call-error.ts';
import { waitAfter } from './call-steadily.ts';
import type { WebhookSettings } from '../updates/serve-webhook.ts';
import { ALLOWED_UPDATES } from '../updates/update.ts';

export interface Bot {
  readonly id: number;
  readonly username: string;
  /** Privacy mode is off: it sees every message of its groups. */
  readonly seesAllMessages: boolean;
}

export interface ConnectionDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door stops. */
  readonly signal: AbortSignal;
}

/**
 * Asks until there is an answer.
 * @throws {OperatorError} when Telegram does not know the token.
 * @throws {CallError} `stopped`.
 */
export async function findBot(dependencies: ConnectionDependencies): Promise<Bot> {
  const {
    id,
    username,
    can_read_all_group_messages: seesAllMessages,
  } = me.parse(await callUntilAnswered(dependencies, 'getMe', {}));
  return { id, username, seesAllMessages };
}

/** Polling and a webhook exclude each other, so one of them is switched off before the other begins. */
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

// --- Internal helpers ---

const me = z.object({
  id: z.int(),
  username: z.string(),
  can_read_all_group_messages: z.boolean().default(false),
});

async function callUntilAnswered(
  { api, clock, logger, signal }: ConnectionDependencies,
  method: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await api.call(method, payload, { signal, timeoutMs: 15_000 });
    } catch (error) {
      if (!(error instanceof CallError) || error.failure === 'stopped') throw error;
      if (error.failure === 'refused') throw refusal(error);
      if (attempt === 1)
        logger.warn({ reason: error.message }, 'Telegram does not answer; it is tried again');
      await clock.wait(waitAfter(error, attempt), signal);
    }
  }
}

/** 404 is what the server says to something that does not look like a token. */
function refusal({ method, code, description }: CallError): OperatorError {
  if (code === 401 || code === 404) {
    return new OperatorError(
      'Telegram does not know this TELEGRAM_TOKEN. Copy it again from @BotFather (/mybots, API Token), or remove it to run without Telegram.',
      { exitCode: EXIT_CODES.badToken },
    );
  }
  return new OperatorError(
    method === 'setWebhook'
      ? `Telegram does not take the webhook: ${description}. Check TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET.`
      : `Telegram refused ${method}: ${description}.`,
  );
}
