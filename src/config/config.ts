/** Reads the environment once: `.env` and variables become one validated, frozen `Config`. */

import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Cron } from 'croner';
import { config as loadDotenv } from 'dotenv';
import { z } from 'zod';
import { type ChatLimits, DEFAULT_LIMITS, limitSchema } from './rate-limits.ts';
import { formatZodIssue, placeOf } from '../util/format-zod-issue.ts';
import { OperatorError } from '../util/errors.ts';
import type { LogLevel } from '../util/logger.ts';

export const ENGINE_CHOICES = ['auto', 'tensorflow', 'onnx'] as const;
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

// An empty value, as in `PORT=` of a copied .env.example, means "not set".
const text = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
const or = (fallback: string) => text.transform((value) => value ?? fallback);

const list = (value: string): string[] =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

const isWebAddress = (value: string | undefined): boolean =>
  value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol));

const isId = (value: string): boolean => /^\d+$/.test(value);

function isSchedule(value: string): boolean {
  try {
    return new Cron(value, { mode: '5-part', paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

const environmentSchema = z.object({
  HOST: or('127.0.0.1'),
  PORT: or('8080').transform(Number).pipe(z.int().min(0).max(65_535)),
  ALLOWED_HOSTS: or('').transform((value) => list(value.toLowerCase())),
  DATA_DIR: or('./data'),
  INVENTORY_FILE: text,
  ENGINE: or('auto').pipe(z.enum(ENGINE_CHOICES)),
  TENSORFLOW_DIR: or('./.tensorflow'),
  MODEL_DIR: text,
  LOG_LEVEL: or('info').pipe(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])),
  LIMIT_PERSON: or(DEFAULT_LIMITS.person).pipe(limitSchema),
  LIMIT_COMMUNITY: or(DEFAULT_LIMITS.community).pipe(limitSchema),
  LIMIT_PRESSES: or(DEFAULT_LIMITS.presses).pipe(limitSchema),
  REINDEX_SCHEDULE: text.refine(
    (value) => value === undefined || isSchedule(value),
    'expected a cron expression of five fields such as 0 4 * * * (each day at four)',
  ),
  REINDEX_WATCH: or('off').pipe(z.enum(['on', 'off'])),
  INVENTORY_PANEL: or('on').pipe(z.enum(['on', 'off'])),
  TELEGRAM_TOKEN: text.refine(
    (value) => value === undefined || /^\d+:[\w-]{20,}$/.test(value),
    'expected the token as @BotFather gives it, digits, a colon and letters',
  ),
  TELEGRAM_API_URL: text.refine(isWebAddress, 'expected an address such as http://127.0.0.1:8081'),
  TELEGRAM_ADMINS: or('')
    .transform(list)
    .refine((ids) => ids.every(isId), 'expected numeric ids of people, separated by commas'),
  TELEGRAM_WEBHOOK_URL: text.refine(isWebAddress, 'expected an address such as https://bot.example/telegram'),
  TELEGRAM_WEBHOOK_SECRET: text.refine(
    (value) => value === undefined || /^[\w-]{16,256}$/.test(value),
    'expected 16 to 256 characters of A-Z, a-z, 0-9, _ and -',
  ),
  TELEGRAM_WEBHOOK_HOST: or('127.0.0.1'),
  TELEGRAM_WEBHOOK_PORT: or('8443').transform(Number).pipe(z.int().min(0).max(65_535)),
  DISCORD_TOKEN: text.refine(
    (value) => value === undefined || /^[\w-]+(\.[\w-]+){2}$/.test(value),
    'expected the token as the developer portal gives it, three parts with dots between them',
  ),
  DISCORD_API_URL: text
    .refine(isWebAddress, 'expected an address such as http://127.0.0.1:3000/api')
    .refine((value) => !/\/v\d+\/*$/.test(value ?? ''), 'expected the address without its version, /v10')
    .transform((value) => value?.replace(/\/+$/, '')),
  DISCORD_GUILD_ID: text.refine(
    (value) => value === undefined || isId(value),
    'expected the numeric id of a guild',
  ),
  DISCORD_MODERATOR_ROLES: or('')
    .transform(list)
    .refine((ids) => ids.every(isId), 'expected numeric ids of roles, separated by commas'),
  DISCORD_SHARDS: or('1')
    .refine((value) => value === 'auto' || /^[1-9]\d{0,3}$/.test(value), 'expected auto, or a number from 1')
    .transform((value) => (value === 'auto' ? value : Number(value))),
  DISCORD_MESSAGE_CONTENT: or('on').pipe(z.enum(['on', 'off'])),
  STORE_URL: text.refine(
    (value) => value === undefined || URL.canParse(value),
    'expected a URI such as redis://host:6379',
  ),
});

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

function telegramOf(values: z.infer<typeof environmentSchema>): TelegramConfig | undefined {
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

function discordOf(values: z.infer<typeof environmentSchema>): DiscordConfig | undefined {
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
