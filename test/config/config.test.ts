import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { OperatorError } from '../../src/util/errors.ts';

describe('readConfig', () => {
  it('needs nothing: loopback, port 8080, ./data, whichever engine exists, the embedded store', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      engine: 'auto',
      logLevel: 'info',
      storeUrl: undefined,
    });
    expect(config.dataFolder).toBe(`${process.cwd()}/data`);
    expect(isAbsolute(config.assetsFolder)).toBe(true);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty value as not set, as in a copied .env.example', () => {
    expect(readConfig({ PORT: '', STORE_URL: '', MODEL_DIR: '' })).toEqual(readConfig({}));
  });

  it('names every bad setting at once and never a value', () => {
    const bad = {
      PORT: '99999',
      ENGINE: 'secret-engine',
      LOG_LEVEL: 'secret-level',
      STORE_URL: 'secret password',
    };
    const reading = (): unknown => readConfig(bad);
    expect(reading).toThrow(OperatorError);
    expect(reading).toThrow(
      /PORT: expected at most 65535[^]*ENGINE: expected one of auto, tensorflow, onnx[^]*LOG_LEVEL: [^]*STORE_URL: /,
    );
    expect(reading).not.toThrow(/secret|99999/);
    expect(() => readConfig({ PORT: 'eighty' })).toThrow(/PORT: expected a number$/);
    expect(() => readConfig({ PORT: '-1' })).toThrow(/PORT: expected at least 0/);
  });

  it('has settings of Telegram only with a token, and a webhook only with its secret', () => {
    const TELEGRAM_TOKEN = '12345:abcdefghijklmnopqrstuvwxyz';
    expect(readConfig({ TELEGRAM_ADMINS: '1' }).telegram).toBeUndefined();
    expect(readConfig({ TELEGRAM_TOKEN, TELEGRAM_ADMINS: '1, 22' }).telegram).toMatchObject({
      admins: ['1', '22'],
      webhook: undefined,
    });
    const TELEGRAM_WEBHOOK_URL = 'https://bot.example/hook';
    expect(() => readConfig({ TELEGRAM_TOKEN, TELEGRAM_WEBHOOK_URL })).toThrow(
      /needs TELEGRAM_WEBHOOK_SECRET/,
    );
    const webhook = { TELEGRAM_WEBHOOK_URL, TELEGRAM_WEBHOOK_SECRET: '0123456789abcdef' };
    expect(readConfig({ TELEGRAM_TOKEN, ...webhook }).telegram?.webhook).toMatchObject({
      path: '/hook',
      port: 8443,
    });
    const wrong = {
      TELEGRAM_TOKEN: 'not-a-token-at-all',
      TELEGRAM_ADMINS: '@me',
      TELEGRAM_API_URL: 'ftp://x',
    };
    expect(() => readConfig(wrong)).toThrow(/TELEGRAM_TOKEN: [^]*TELEGRAM_API_URL: [^]*TELEGRAM_ADMINS: /);
    expect(() => readConfig(wrong)).not.toThrow(/not-a-token/);
  });

  it('has settings of Discord only with a token', () => {
    const DISCORD_TOKEN = 'MTE0NzI1ODM2OTAxMjM0NTY3OA.GabcdX.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    expect(readConfig({ DISCORD_SHARDS: 'auto' }).discord).toBeUndefined();
    expect(readConfig({ DISCORD_TOKEN }).discord).toEqual({
      token: DISCORD_TOKEN,
      apiUrl: undefined,
      guildId: undefined,
      moderatorRoles: [],
      shards: 1,
      messageContent: true,
    });
    const all = {
      DISCORD_TOKEN,
      DISCORD_API_URL: 'http://127.0.0.1:3000/api/',
      DISCORD_GUILD_ID: '12',
      DISCORD_MODERATOR_ROLES: '3, 4',
      DISCORD_SHARDS: 'auto',
      DISCORD_MESSAGE_CONTENT: 'off',
    };
    expect(readConfig(all).discord).toMatchObject({
      apiUrl: 'http://127.0.0.1:3000/api',
      guildId: '12',
      moderatorRoles: ['3', '4'],
      shards: 'auto',
      messageContent: false,
    });
    const wrong = {
      DISCORD_TOKEN: 'not a token',
      DISCORD_API_URL: 'https://discord.com/api/v10',
      DISCORD_GUILD_ID: 'mine',
      DISCORD_MODERATOR_ROLES: '@staff',
      DISCORD_SHARDS: '0',
      DISCORD_MESSAGE_CONTENT: 'yes',
    };
    expect(() => readConfig(wrong)).toThrow(
      /TOKEN: [^]*API_URL: .*without its version[^]*GUILD_ID: [^]*ROLES: [^]*SHARDS: [^]*CONTENT: expected one of on, off/,
    );
    expect(() => readConfig(wrong)).not.toThrow(/not a token|@staff/);
  });

  it('reads host names as a list, in lower case', () => {
    expect(readConfig({ ALLOWED_HOSTS: ' Shop.Example , bot.lan,' }).allowedHosts).toEqual([
      'shop.example',
      'bot.lan',
    ]);
  });
});
