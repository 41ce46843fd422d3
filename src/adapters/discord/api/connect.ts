/** Logs in, again and again until it works or Discord says that it never will. */

import { type Client, DiscordjsError, DiscordjsErrorCodes, Events, GatewayCloseCodes } from 'discord.js';
import type { Clock } from '../../../util/clock.ts';
import { EXIT_CODES, OperatorError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { reasonOf } from './failure.ts';

export interface ConnectDependencies {
  /** A client serves for one login only. */
  readonly createClient: () => Client;
  readonly token: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door stops. */
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 5 * 60 * 1000;
/** discord.js 14.28 never finishes a `destroy()` that comes while a shard waits for its session. */
const DESTROY_LIMIT_MS = 3000;

/**
 * Undefined when the door stopped meanwhile.
 * @throws {OperatorError} when Discord does not know the token, or does not allow what is asked for.
 */
export async function connect(dependencies: ConnectDependencies): Promise<Client<true> | undefined> {
  const { createClient, clock, logger, signal } = dependencies;
  for (let attempt = 1; ; attempt++) {
    const client = createClient();
    try {
      const ready = await logIn(client, dependencies);
      if (ready) return ready;
    } catch (error) {
      if (error instanceof OperatorError) {
        await destroy(client, clock);
        throw error;
      }
      if (attempt === 1) {
        logger.warn({ reason: reasonOf(error) }, 'Discord does not answer; it is tried again');
      }
    }
    await destroy(client, clock);
    if (!signal.aborted) await clock.wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt), signal);
    if (signal.aborted) return undefined;
  }
}

/** Ends a client, or stops waiting for its end. */
export async function destroy(client: Client, clock: Clock): Promise<void> {
  const end = new AbortController();
  await Promise.race([client.destroy().catch(() => undefined), clock.wait(DESTROY_LIMIT_MS, end.signal)]);
  end.abort();
}

/** Why Discord ended a connection for good; undefined for codes after which the client goes on by itself. */
export function closeError(code: number): OperatorError | undefined {
  return CLOSE_ERRORS.get(code)?.(code);
}

// --- Internal helpers ---

function logIn(client: Client, { token, signal }: ConnectDependencies): Promise<Client<true> | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      resolve(undefined);
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
    `Discord refuses the Message Content Intent (${code}): switch it on in the developer portal (your application, Bot, Message Content Intent), or set DISCORD_MESSAGE_CONTENT=off to do without /mode auto.`,
  );
}

function wrongShards(code: number): OperatorError {
  return new OperatorError(
    `Discord wants another number of shards (${code}): set DISCORD_SHARDS=auto, or a larger number.`,
  );
}

function outdated(code: number): OperatorError {
  return new OperatorError(
    `Discord no longer speaks the version of its interface that this bot was built for (${code}): update the bot.`,
  );
}
