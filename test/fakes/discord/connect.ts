/** Logs unmodified clients in to a fake. Also sends plain requests, for bodies that the builders of the client would reject. */

import { Client, type ClientOptions, GatewayIntentBits, Partials, type SendableChannels } from 'discord.js';
import type { FakeDiscord } from './fake-discord.ts';

const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.MessageContent,
];

/** Resolves when the client has said that it is ready; the caller destroys it. */
export async function connect(
  fake: FakeDiscord,
  options: Partial<ClientOptions> = {},
): Promise<Client<true>> {
  const client = createClient(fake, options);
  const ready = new Promise<Client<true>>((resolve) => {
    client.once('clientReady', resolve);
  });
  await client.login(fake.token);
  return ready;
}

export function createClient(fake: FakeDiscord, options: Partial<ClientOptions> = {}): Client {
  return new Client({
    intents: INTENTS,
    partials: [Partials.Channel],
    allowedMentions: { parse: [], repliedUser: false },
    ...options,
    rest: { api: fake.url, ...options.rest },
  });
}

/** The client's own view of a channel, for sending. */
export async function sendable(
  client: Client<true>,
  channel: { readonly id: string },
): Promise<SendableChannels> {
  const found = await client.channels.fetch(channel.id);
  if (found?.isSendable() !== true) throw new Error(`Channel ${channel.id} takes no messages.`);
  return found;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: { readonly code?: number; readonly errors?: unknown } & Readonly<Record<string, unknown>>;
}

/** One request as the bot, past every check of a client library. `files` become `files[n]`. */
export async function plainRequest(
  fake: FakeDiscord,
  method: string,
  path: string,
  body?: unknown,
  files?: readonly { readonly name: string; readonly bytes: Buffer }[],
): Promise<PlainAnswer> {
  const headers = {
    authorization: `Bot ${fake.token}`,
    'user-agent': 'DiscordBot (https://example.org, 1.0)',
  };
  const answer = await fetch(`${fake.url}/v10${path}`, {
    method,
    ...(body === undefined && files === undefined ? { headers } : withBody(headers, body, files)),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type') === 'application/json';
  return {
    status: answer.status,
    headers: answer.headers,
    json: isJson ? (JSON.parse(text) as PlainAnswer['json']) : {},
  };
}

/** The leaf codes of a 50035, with the path of each: `components.0.items: BASE_TYPE_BAD_LENGTH`. */
export function findings(errors: unknown, path: readonly string[] = []): string[] {
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors).flatMap(([key, value]: [string, unknown]) => {
    if (key !== '_errors') return findings(value, [...path, key]);
    return (value as { code: string }[]).map((leaf) => `${path.join('.')}: ${leaf.code}`);
  });
}

// --- Internal helpers ---

function withBody(
  headers: Record<string, string>,
  body: unknown,
  files: readonly { readonly name: string; readonly bytes: Buffer }[] | undefined,
): RequestInit {
  if (files === undefined) {
    return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }
  const form = new FormData();
  files.forEach((file, index) => {
    form.append(`files[${index}]`, new Blob([new Uint8Array(file.bytes)]), file.name);
  });
  if (body !== undefined) form.append('payload_json', JSON.stringify(body));
  return { headers, body: form };
}
