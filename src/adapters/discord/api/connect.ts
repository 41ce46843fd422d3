/** Logs in to Discord, and keeps trying until it works or Discord says that it never will. */

import { type Client, DiscordjsError, DiscordjsErrorCodes, Events, GatewayCloseCodes } from 'discord.js';
import { backoffMs } from '../../../util/backoff.ts';
import type { Clock } from '../../../util/clock.ts';
import { EXIT_CODES, OperatorError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { retry } from '../../../util/retry.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import { redactedReason } from './failure.ts';

export interface ConnectDependencies {
  /** A client can be used for one login only. */
  readonly createClient: () => Client;
  readonly token: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door stops. */
  readonly signal: AbortSignal;
}

const BACKOFF = { firstMs: 4000, mostMs: 5 * 60 * 1000 };
/** discord.js 14.28 never finishes a `destroy()` that is called while a shard waits for its session. */
const DESTROY_LIMIT_MS = 3000;

/**
 * @returns a client that is logged in.
 * @throws {OperatorError} when Discord does not know the token, or does not allow what is requested.
 * @throws the signal's reason or the last failure when the door stops meanwhile.
 */
export async function connect(dependencies: ConnectDependencies): Promise<Client<true>> {
  const { createClient, clock, logger, signal } = dependencies;

  async function attempt(): Promise<Client<true>> {
    const client = createClient();
    try {
      return await logIn(client, dependencies);
    } catch (error) {
      await destroy(client, clock);
      throw error;
    }
  }

  return retry(attempt, {
    clock,
    signal,
    waitAfter(error, failures) {
      if (error instanceof OperatorError || signal.aborted) return undefined;
      if (failures === 1) {
        logger.warn({ reason: redactedReason(error) }, 'Discord does not answer; the door keeps trying');
      }
      return backoffMs(failures, BACKOFF);
    },
  });
}

/** Ends a client, or stops waiting for its end. */
export async function destroy(client: Client, clock: Clock): Promise<void> {
  await firstWithin(
    client.destroy().catch(() => undefined),
    DESTROY_LIMIT_MS,
    clock,
  );
}

/** Why Discord closed a connection for good. Undefined for codes after which the client reconnects by itself. */
export function closeError(code: number): OperatorError | undefined {
  return CLOSE_ERRORS.get(code)?.(code);
}

// --- Internal helpers ---

function logIn(client: Client, { token, signal }: ConnectDependencies): Promise<Client<true>> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    client.once(Events.ClientReady, resolve);
    client.on(Events.ShardDisconnect, ({ code }) => {
      const error = closeError(code);
      if (error) reject(error);
    });
    client.login(token).catch((error: unknown) => {
      const isUnknown = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
      reject(isUnknown ? badToken() : (error as Error));
    });
  });
}

function badToken(): OperatorError {
  return new OperatorError(
    'Discord does not know this DISCORD_TOKEN. Copy it again from the developer portal (your application, Bot, Reset Token), or remove it to run without Discord.',
    { exitCode: EXIT_CODES.badToken },
  );
}

const CLOSE_ERRORS: ReadonlyMap<number, (code: number) => OperatorError> = new Map([
  [GatewayCloseCodes.AuthenticationFailed, badToken],
  [GatewayCloseCodes.DisallowedIntents, intentIsOff],
  [GatewayCloseCodes.InvalidShard, wrongShards],
  [GatewayCloseCodes.ShardingRequired, wrongShards],
  [GatewayCloseCodes.InvalidAPIVersion, outdated],
  [GatewayCloseCodes.InvalidIntents, outdated],
]);

function intentIsOff(code: number): OperatorError {
  return new OperatorError(
    `Discord refuses the Message Content Intent (${code}): switch it on in the developer portal (your application, Bot, Message Content Intent), or set DISCORD_MESSAGE_CONTENT=off to run without /mode auto.`,
  );
}

function wrongShards(code: number): OperatorError {
  return new OperatorError(
    `Discord requires another number of shards (${code}): set DISCORD_SHARDS=auto, or a larger number.`,
  );
}

function outdated(code: number): OperatorError {
  return new OperatorError(
    `Discord no longer supports the version of its API that this bot was built for (${code}): update the bot.`,
  );
}
