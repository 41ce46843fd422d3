/** Reads the environment once: `.env` and variables become one validated, frozen `Config`. */

import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { config as loadDotenv } from 'dotenv';
import { ENGINE_CHOICES, type Environment, environmentSchema } from './environment.ts';
import type { ChatLimits } from './rate-limits.ts';
import { formatZodIssue, placeOf } from '../util/format-zod-issue.ts';
import { OperatorError } from '../util/errors.ts';
import type { LogLevel } from '../util/logger.ts';

export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Settings of the Telegram adapter. They exist only if its token is set. */
export interface TelegramConfig {
  readonly token: string;
  /** Address of a self-hosted Bot API server, without a path. */
  readonly apiUrl: string | undefined;
  /** Ids of users who are moderators in their private chat with the bot. */
  readonly admins: readonly string[];
  /** If set, Telegram pushes updates to this webhook instead of being polled. */
  readonly webhook:
    | {
        readonly url: string;
        readonly secret: string;
        readonly host: string;
        readonly port: number;
        readonly path: string;
      }
    | undefined;
}

/** Settings of the Discord adapter. They exist only if its token is set. */
export interface DiscordConfig {
  readonly token: string;
  /** REST base address of a server in Discord's place, without the version. */
  readonly apiUrl: string | undefined;
  /** The only guild on which commands are registered. */
  readonly guildId: string | undefined;
  /** Ids of roles whose members are moderators. */
  readonly moderatorRoles: readonly string[];
  readonly shards: number | 'auto';
  /** Whether to ask for the privileged Message Content Intent. */
  readonly messageContent: boolean;
}

export interface Config {
  /** Address that the web chat listens on; loopback by default. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Host names besides loopback that the web chat accepts, in lower case, without port. */
  readonly allowedHosts: readonly string[];
  /** Absolute path. Everything that the process writes is below it. */
  readonly dataFolder: string;
  /** The file that lists sources. */
  readonly inventoryFile: {
    /** Absolute path. */
    readonly path: string;
    /** Whether the setting names the file, so that it must exist. */
    readonly isRequired: boolean;
  };
  readonly engine: EngineChoice;
  /** Absolute path of the folder in which `npm run setup:tensorflow` installs TensorFlow. */
  readonly tensorflowFolder: string;
  /** Absolute path of a model folder that replaces the shipped one. */
  readonly modelFolder: string | undefined;
  /** Absolute path of the folder of a garment finder that replaces the shipped one. */
  readonly finderFolder: string | undefined;
  readonly logLevel: LogLevel;
  /** Rate limits of one person and of one community. */
  readonly limits: ChatLimits;
  /** What starts a reindex without a person. */
  readonly reindex: {
    /** Cron expression of five fields. */
    readonly schedule: string | undefined;
    /** Whether the files of the sources are watched. */
    readonly watch: boolean;
  };
  /** Whether people on this machine may see and reindex the inventory on the web page. */
  readonly inventoryPanel: boolean;
  readonly telegram: TelegramConfig | undefined;
  readonly discord: DiscordConfig | undefined;
  /** Where the catalogue is stored, if not in the embedded store. May contain a password: never print it. */
  readonly storeUrl: string | undefined;
  /** Absolute path of `assets/`. */
  readonly assetsFolder: string;
}

/**
 * @param environment default: `process.env` after `.env` was read. Tests pass their own.
 * @throws {OperatorError} that names every invalid variable at once, never a value.
 */
export function readConfig(environment: NodeJS.ProcessEnv = environmentOfProcess()): Config {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${placeOf(issue.path)}: ${formatZodIssue(issue)}`);
    throw new OperatorError(`These settings are not valid (see .env.example):\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    allowedHosts: values.ALLOWED_HOSTS,
    dataFolder: resolve(values.DATA_DIR),
    inventoryFile: {
      path: resolve(values.INVENTORY_FILE ?? './inventory.json'),
      isRequired: values.INVENTORY_FILE !== undefined,
    },
    engine: values.ENGINE,
    tensorflowFolder: resolve(values.TENSORFLOW_DIR),
    modelFolder: values.MODEL_DIR === undefined ? undefined : resolve(values.MODEL_DIR),
    finderFolder: values.FINDER_DIR === undefined ? undefined : resolve(values.FINDER_DIR),
    logLevel: values.LOG_LEVEL,
    reindex: { schedule: values.REINDEX_SCHEDULE, watch: values.REINDEX_WATCH === 'on' },
    inventoryPanel: values.INVENTORY_PANEL === 'on',
    limits: {
      person: values.LIMIT_PERSON,
      community: values.LIMIT_COMMUNITY,
      presses: values.LIMIT_PRESSES,
    },
    telegram: telegramOf(values),
    discord: discordOf(values),
    storeUrl: values.STORE_URL,
    assetsFolder: join(projectRoot(), 'assets'),
  });
}

/** A variable that `inventory.json` refers to, so that a secret is only in the environment. Undefined if it is empty. */
export function readVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** Sets variables that native libraries read while they load. A variable that the operator has set stays. */
export function setNativeVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
}

// --- Internal helpers ---

function environmentOfProcess(): NodeJS.ProcessEnv {
  loadDotenv({ quiet: true });
  return process.env;
}

function telegramOf(values: Environment): TelegramConfig | undefined {
  const { TELEGRAM_TOKEN: token, TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } = values;
  if (token === undefined) return undefined;
  if (url !== undefined && secret === undefined) {
    throw new OperatorError(
      'TELEGRAM_WEBHOOK_URL needs TELEGRAM_WEBHOOK_SECRET: 16 to 256 characters of A-Z, a-z, 0-9, _ and -.',
    );
  }
  const { TELEGRAM_WEBHOOK_HOST: host, TELEGRAM_WEBHOOK_PORT: port } = values;
  return {
    token,
    apiUrl: values.TELEGRAM_API_URL,
    admins: values.TELEGRAM_ADMINS,
    webhook:
      url === undefined || secret === undefined
        ? undefined
        : { url, secret, host, port, path: new URL(url).pathname },
  };
}

function discordOf(values: Environment): DiscordConfig | undefined {
  const { DISCORD_TOKEN: token } = values;
  if (token === undefined) return undefined;
  return {
    token,
    apiUrl: values.DISCORD_API_URL,
    guildId: values.DISCORD_GUILD_ID,
    moderatorRoles: values.DISCORD_MODERATOR_ROLES,
    shards: values.DISCORD_SHARDS,
    messageContent: values.DISCORD_MESSAGE_CONTENT === 'on',
  };
}

/** The folder of package.json, from `src/` as well as from `dist/src/`. */
function projectRoot(): string {
  return dirname(createRequire(import.meta.url).resolve('#root/package.json'));
}
