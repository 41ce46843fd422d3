/** getMe, close, logOut and the methods for the bot's commands. */
import type { BotCommand, BotCommandScope } from '@grammyjs/types';
import { badRequest, tooManyRequests } from '../api-error.ts';
import { limits } from '../limits.ts';
import { characters, isObject, json, text, textField, type Parameters } from '../parameters.ts';
import type { World } from '../world.ts';
import type { Method } from './method.ts';

export const getMe: Method = (world) => world.bot;

/** Refused in the first ten minutes after the launch; afterwards the next call launches the bot again. */
export const close: Method = (world) => {
  const wait = world.session.launchedAt + limits.closeAfterLaunch.value - world.clock.now();
  if (wait > 0) throw tooManyRequests(Math.ceil(wait / 1000));
  world.session.launchedAt = world.clock.now();
  return true;
};

/** For ten minutes every further call is refused. */
export const logOut: Method = (world) => {
  world.session.loggedOutUntil = world.clock.now() + limits.logOutTime.value;
  world.queue.clear();
  world.webhook.remove();
  return true;
};

export const setMyCommands: Method = (world, parameters) => {
  const commands = readCommands(parameters);
  world.commands.set(readScope(world, parameters), readLanguage(parameters), commands);
  world.changes.notify();
  return true;
};

export const getMyCommands: Method = (world, parameters) =>
  world.commands.get(readScope(world, parameters), readLanguage(parameters));

export const deleteMyCommands: Method = (world, parameters) => {
  world.commands.remove(readScope(world, parameters), readLanguage(parameters));
  world.changes.notify();
  return true;
};

// --- Internal helpers ---

function readCommands(parameters: Parameters): readonly BotCommand[] {
  const commands = json(parameters, 'commands', 'commands');
  if (!Array.isArray(commands)) throw badRequest("can't parse commands JSON object");
  if (commands.length > limits.commands.value) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  return commands.map((value: unknown) => {
    if (!isObject(value)) throw badRequest("can't parse BotCommand: expected an Object");
    // The server takes a name with its slash and in upper case, and stores it without.
    const command = textField(value, 'command').replace(/^\//, '').toLowerCase();
    const description = textField(value, 'description');
    const nameLength = limits.commandNameLength.value;
    if (!/^[a-z0-9_]+$/.test(command) || command.length > nameLength) throw badRequest('BOT_COMMAND_INVALID');
    if (description === '' || characters(description) > limits.commandDescriptionLength.value) {
      throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    }
    return { command, description };
  });
}

function readLanguage(parameters: Parameters): string {
  const language = text(parameters, 'language_code');
  if (language !== '' && !/^[a-z]{2}$/.test(language)) throw badRequest('BOT_COMMAND_LANG_CODE_INVALID');
  return language;
}

const plainScopes = ['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators'] as const;

function readScope(world: World, parameters: Parameters): BotCommandScope {
  const scope = json(parameters, 'scope', 'BotCommandScope');
  if (scope === undefined) return { type: 'default' };
  if (!isObject(scope)) throw badRequest("can't parse BotCommandScope: expected an Object");
  const type = textField(scope, 'type');
  const plain = plainScopes.find((name) => name === type);
  if (plain !== undefined) return { type: plain };
  const chatId = Number(textField(scope, 'chat_id'));
  if (type !== 'chat' && type !== 'chat_administrators' && type !== 'chat_member') {
    throw badRequest("can't parse BotCommandScope: unsupported type specified");
  }
  const record = world.chats.get(chatId);
  if (record === undefined) throw badRequest('chat not found');
  if (type === 'chat') return { type, chat_id: chatId };
  if (record.chat.type === 'private') throw badRequest(`can't use ${type} scope in private chats`);
  if (type === 'chat_administrators') return { type, chat_id: chatId };
  return { type, chat_id: chatId, user_id: Number(textField(scope, 'user_id')) };
}
