/** The Bot API: each call gives its result or a `CallError`. Nothing is retried here. */

import { Telegram, TelegramError } from 'telegraf';
import { z } from 'zod';
import { hasCode } from '../../../util/errors.ts';
import { CallError, type CallErrorOptions, stoppedError } from './call-error.ts';
import { callWithFiles, hasUpload } from './call-with-files.ts';
import { createRedact } from './secrets.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Limit for the whole call, upload included. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface BotApi {
  /**
   * @param payload as the Bot API documents it. An `Upload` may take the place of a file_id.
   * @throws {CallError}
   */
  call(method: string, payload?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>;
  /** The address of the file of a `file_path`. It contains the token, so it must not leave this door. */
  fileUrl(filePath: string): URL;
}

export interface BotApiDependencies {
  readonly token: string;
  /** `https://api.telegram.org`, or the operator's own server. */
  readonly apiUrl: string;
  readonly count: (method: string, outcome: 'done' | CallError['failure']) => void;
}

export function createBotApi({ token, apiUrl, count }: BotApiDependencies): BotApi {
  const telegram = new Telegram(token, { apiRoot: apiUrl, webhookReply: false });
  const redact = createRedact(token);

  return {
    async call(method, payload = {}, { signal, timeoutMs = 30_000 } = {}) {
      // Not AbortSignal.any: on Node 20 it keeps some memory for each call as long as the shared signal lives.
      const end = new AbortController();
      const abort = (): void => {
        end.abort();
      };
      const timer = setTimeout(abort, timeoutMs);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
      try {
        const result: unknown = hasUpload(payload)
          ? await callWithFiles({ token, apiUrl, method, payload, signal: end.signal })
          : // The library's types end at Bot API 7.1, but it accepts any method name.
            await telegram.callApi(method as 'getMe', { ...payload }, { signal: end.signal as never });
        count(method, 'done');
        return result;
      } catch (error) {
        const failed = signal?.aborted === true ? stoppedError(method) : classify(method, error, redact);
        count(method, failed.failure);
        throw failed;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      }
    },

    fileUrl(filePath) {
      const path = filePath.split('/').map(encodeURIComponent).join('/');
      return new URL(`${apiUrl.replace(/\/+$/, '')}/file/bot${token}/${path.replace(/^\/+/, '')}`);
    },
  };
}

// --- Internal helpers ---

const envelope = z.object({
  error_code: z.number(),
  description: z.string(),
  parameters: z
    .object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() })
    .optional(),
});

/** Error codes of a connection that was never established. */
const UNREACHABLE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** The library's errors contain payloads and addresses, so none of them is passed on, not even as a cause. */
function classify(method: string, error: unknown, redact: (text: string) => string): CallError {
  if (error instanceof TelegramError) {
    const { data } = envelope.safeParse(error.response);
    if (data) return errorOfAnswer(method, data, redact);
  }
  const code = UNREACHABLE.find((known) => hasCode(error, known));
  if (code !== undefined) return new CallError({ method, failure: 'unreachable', description: code });
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'no answer';
  return new CallError({ method, failure: 'unknown', description: redact(withoutAddresses(text)) });
}

function errorOfAnswer(
  method: string,
  { error_code: code, description, parameters }: z.infer<typeof envelope>,
  redact: (text: string) => string,
): CallError {
  const failure = code === 429 ? 'flood' : code >= 500 ? 'unknown' : 'refused';
  const options: CallErrorOptions = { method, failure, code, description: redact(description) };
  return new CallError({
    ...options,
    retryAfterSeconds: parameters?.retry_after,
    migratedTo: parameters?.migrate_to_chat_id,
  });
}

function withoutAddresses(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s'",)]+/gi, '[address]');
}
