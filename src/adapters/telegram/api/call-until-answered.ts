/** Calls without which the door cannot open: retried until Telegram answers. */

import type { Clock } from '../../../util/clock.ts';
import { EXIT_CODES, OperatorError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { retry } from '../../../util/retry.ts';
import type { BotApi } from './bot-api.ts';
import { CallError } from './call-error.ts';
import { callBackoffMs } from './call-with-retry.ts';

export interface ConnectionDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door stops. */
  readonly signal: AbortSignal;
}

/**
 * @throws {OperatorError} when Telegram refuses the call, for example because it does not know the token.
 * @throws {CallError} when the door stops.
 */
export async function callUntilAnswered(
  { api, clock, logger, signal }: ConnectionDependencies,
  method: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  try {
    return await retry(() => api.call(method, payload, { signal, timeoutMs: 15_000 }), {
      clock,
      signal,
      waitAfter(error, failures) {
        if (!(error instanceof CallError)) return undefined;
        if (error.failure === 'stopped' || error.failure === 'refused') return undefined;
        if (failures === 1) {
          logger.warn({ reason: error.message }, 'Telegram does not answer; the door keeps trying');
        }
        return callBackoffMs(error, failures);
      },
    });
  } catch (error) {
    if (error instanceof CallError && error.failure === 'refused') throw refusal(error);
    throw error;
  }
}

// --- Internal helpers ---

/** Telegram answers 404 to something that does not look like a token. */
function refusal({ method, code, description }: CallError): OperatorError {
  if (code === 401 || code === 404) {
    return new OperatorError(
      'Telegram does not know this TELEGRAM_TOKEN. Copy it again from @BotFather (/mybots, API Token), or remove it to run without Telegram.',
      { exitCode: EXIT_CODES.badToken },
    );
  }
  return new OperatorError(
    method === 'setWebhook'
      ? `Telegram does not accept the webhook: ${description}. Check TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET.`
      : `Telegram refused ${method}: ${description}.`,
  );
}
