/** The variables of the environment that the bot reads, with their defaults and what each must look like. */

import { Cron } from 'croner';
import { z } from 'zod';
import { DEFAULT_LIMITS, limitSchema } from './rate-limits.ts';

export const ENGINE_CHOICES = ['auto', 'tensorflow', 'onnx'] as const;

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

export const environmentSchema = z.object({
  HOST: or('127.0.0.1'),
  PORT: or('8080').transform(Number).pipe(z.int().min(0).max(65_535)),
  ALLOWED_HOSTS: or('').transform((value) => list(value.toLowerCase())),
  DATA_DIR: or('./data'),
  INVENTORY_FILE: text,
  ENGINE: or('auto').pipe(z.enum(ENGINE_CHOICES)),
  TENSORFLOW_DIR: or('./.tensorflow'),
  MODEL_DIR: text,
  FINDER_DIR: text,
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

export type Environment = z.infer<typeof environmentSchema>;
