/** Reads the bot's messages in a channel as replies. */

import { InteractionType } from 'discord-api-types/v10';
import type { FakeDiscord } from '../../fakes/discord/fake-discord.ts';
import type { SeenMessage } from '../../fakes/discord/observe.ts';
import { plainText } from '../../fakes/discord/render-markdown.ts';
import type { Answer } from '../../scenarios/door-driver.ts';

/** The visible replies, oldest first. An ephemeral message in answer to a click is a notice, not a reply. */
export function repliesIn(fake: FakeDiscord, channel: { readonly id: string }): Answer[] {
  return fake.bot
    .messages()
    .filter((message) => message.channelId === channel.id && !message.loading && !isNotice(fake, message))
    .map((message) => answerOf(fake, message));
}

export function answerOf({ world }: FakeDiscord, message: SeenMessage): Answer {
  const text = plainText(message.text, (kind, id) => kind + (world.users.get(id)?.name ?? id));
  return {
    id: message.id,
    text,
    pictures: message.gallery.map(({ file, description, spoiler }) => ({
      bytes: file?.bytes ?? Buffer.alloc(0),
      text: description ?? '',
      spoiler,
    })),
    buttons: message.buttons.map(({ label }) => label),
    edits: message.edits.length,
  };
}

// --- Internal helpers ---

function isNotice({ world }: FakeDiscord, { id, ephemeralTo }: SeenMessage): boolean {
  const cause = world.interactions.get(world.messages.get(id)?.interactionId ?? '');
  return ephemeralTo !== null && cause?.type === InteractionType.MessageComponent;
}
