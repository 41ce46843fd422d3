/** Registration of application commands, global or for one server, with the daily count of creates. */

import { type APIApplicationCommand, ApplicationCommandType } from 'discord-api-types/v10';
import { ApiError, refusals } from '../api-error.ts';
import { type JsonObject, listOf, objectOf } from '../json.ts';
import { objectBody } from '../read-body.ts';
import type { World } from '../state.ts';
import { validateCommands } from '../validate-commands.ts';
import type { Answer, Call, Route } from './route.ts';

const DAY = 24 * 60 * 60_000;
const shared = { auth: true, bucket: 'commands', major: 'application', global: true } as const;
const scopes = ['/applications/:application/commands', '/applications/:application/guilds/:guild/commands'];

export const commandRoutes: readonly Route[] = scopes.flatMap((path): Route[] => [
  { ...shared, method: 'GET', path, answer: list },
  { ...shared, method: 'PUT', path, answer: overwrite },
  { ...shared, method: 'POST', path, answer: create },
  { ...shared, method: 'DELETE', path: `${path}/:command`, answer: remove },
]);

/** Commands of a server, or the global ones for null. */
export function commandsOf(world: World, guildId: string | null): APIApplicationCommand[] {
  return [...world.commands.values()].filter((command) => (command.guild_id ?? null) === guildId);
}

function list(call: Call): Answer {
  return { status: 200, json: commandsOf(call.world, scopeOf(call)) };
}

function overwrite(call: Call): Answer {
  const { world } = call;
  const guildId = scopeOf(call);
  const wanted = listOf(call.body.json).map(objectOf);
  validateCommands(wanted, world.limits);
  const before = commandsOf(world, guildId);
  const records = wanted.map((command) => toRecord(world, command, guildId, twinOf(before, command)));
  countCreates(
    world,
    guildId,
    records.filter((record) => !before.some((old) => old.id === record.id)).length,
  );
  for (const old of before) world.commands.delete(old.id);
  for (const record of records) world.commands.set(record.id, record);
  world.changed();
  return { status: 200, json: records };
}

function create(call: Call): Answer {
  const { world } = call;
  const guildId = scopeOf(call);
  const wanted = objectBody(call.body);
  const before = commandsOf(world, guildId);
  const twin = twinOf(before, wanted);
  validateCommands([...before.filter((old) => old !== twin), wanted], world.limits);
  if (!twin) countCreates(world, guildId, 1);
  const record = toRecord(world, wanted, guildId, twin);
  world.commands.set(record.id, record);
  world.changed();
  return { status: twin ? 200 : 201, json: record };
}

function remove(call: Call): Answer {
  scopeOf(call);
  if (!call.world.commands.delete(call.param('command'))) {
    throw new ApiError(404, 10063, 'Unknown application command');
  }
  return { status: 204 };
}

// --- Internal helpers ---

function scopeOf(call: Call): string | null {
  if (call.param('application') !== call.world.application.id) throw refusals.missingAccess();
  const guildId = call.has('guild') ? call.param('guild') : null;
  if (guildId !== null && !call.world.guilds.has(guildId)) throw refusals.missingAccess();
  return guildId;
}

function twinOf(
  before: readonly APIApplicationCommand[],
  command: JsonObject,
): APIApplicationCommand | undefined {
  const type = command.type ?? ApplicationCommandType.ChatInput;
  return before.find((old) => old.name === command.name && old.type === type);
}

function countCreates(world: World, guildId: string | null, count: number): void {
  const scope = guildId ?? 'global';
  const now = world.clock.now();
  const recent = (world.commandCreates.get(scope) ?? []).filter((time) => time > now - DAY);
  const most = world.limits.commandCreatesPerDay;
  if (recent.length + count > most) {
    throw new ApiError(
      400,
      30034,
      `Max number of daily application command creates has been reached (${most})`,
    );
  }
  world.commandCreates.set(scope, [...recent, ...Array.from({ length: count }, () => now)]);
}

function toRecord(
  world: World,
  command: JsonObject,
  guildId: string | null,
  twin: APIApplicationCommand | undefined,
): APIApplicationCommand {
  return {
    type: ApplicationCommandType.ChatInput,
    description: '',
    default_member_permissions: null,
    nsfw: false,
    ...command,
    id: twin?.id ?? world.nextId(),
    application_id: world.application.id,
    version: world.nextId(),
    ...(guildId === null ? {} : { guild_id: guildId }),
  } as APIApplicationCommand;
}
