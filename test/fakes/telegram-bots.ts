/** Real, unmodified telegraf clients pointed at the fake, for the fake's own tests. */
import sharp from 'sharp';
import { Telegraf, Telegram } from 'telegraf';
import type { Update } from 'telegraf/types';
import { callWithFiles, hasUpload } from '../../src/adapters/telegram/api/call-with-files.ts';
import type { FakeTelegram } from './telegram/start-fake-telegram.ts';

/** A client that only calls methods. */
export function clientOf({ token, url }: FakeTelegram): Telegram {
  const telegram = new Telegram(token, { apiRoot: url });
  const callApi = telegram.callApi.bind(telegram);
  // The library's own uploads never end on Node 26; see src/adapters/telegram/api/call-with-files.ts.
  telegram.callApi = (method, payload, options) =>
    hasUpload(payload)
      ? (callWithFiles({
          token,
          apiUrl: url,
          method,
          payload,
          signal: AbortSignal.timeout(30_000),
        }) as ReturnType<typeof callApi<typeof method>>)
      : callApi(method, payload, options);
  return telegram;
}

/** Calls a method with any payload, past telegraf's own typings. */
export async function call(
  fake: FakeTelegram,
  method: string,
  payload: Record<string, unknown> = {},
): Promise<unknown> {
  return clientOf(fake).callApi(method as 'getMe', payload);
}

export interface PollingBot {
  readonly bot: Telegraf;
  /** Every update handled, oldest first. */
  readonly updates: readonly Update[];
  /** Settles when polling has ended, with what ended it. */
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

/** A bot on long polling; `handle` adds its handlers before it starts. */
export function launchBot(fake: FakeTelegram, handle: (bot: Telegraf) => void = () => undefined): PollingBot {
  const bot = new Telegraf(fake.token, { telegram: { apiRoot: fake.url } });
  const updates: Update[] = [];
  bot.use((context, next) => {
    updates.push(context.update);
    return next();
  });
  handle(bot);
  const ended = bot.launch().then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    bot,
    updates,
    ended,
    stop() {
      try {
        bot.stop();
      } catch {
        // Polling had ended by itself.
      }
      return ended;
    },
  };
}

/** A one-coloured JPEG (or another format) of the given size. */
export function plainPicture(
  width: number,
  height: number,
  colour = '#b04a5a',
  format: 'jpeg' | 'png' | 'webp' = 'jpeg',
): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .toFormat(format)
    .toBuffer();
}
