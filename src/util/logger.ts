/** Structured logs. Neither photos, nor tokens, nor signed URLs, nor what people wrote may be passed to a logger. */

import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino } from 'pino';
import type PinoPretty from 'pino-pretty';

export type { Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  /** Default: standard output. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** JSON lines; on a terminal readable lines. */
export function createLogger(level: LogLevel, { stream = process.stdout }: LoggerOptions = {}): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // A second net under the rule above: these members never leave the process.
      redact: {
        paths: [
          'token',
          '*.token',
          'authorization',
          '*.authorization',
          'headers',
          '*.headers',
          'url',
          '*.url',
        ],
        remove: true,
      },
    },
    stream.isTTY === true ? readable(stream) : stream,
  );
}

// --- Internal helpers ---

/** Time of day, level, message and fields on one line, in colour. */
function readable(stream: NodeJS.WritableStream): DestinationStream {
  // Loaded only here: a service that writes JSON has no use for it.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  return pretty({
    destination: stream,
    colorize: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  });
}
