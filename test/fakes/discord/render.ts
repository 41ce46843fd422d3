/** Renders a channel as a page that resembles Discord's own client, for screenshots. */

import { InteractionType, MessageFlags, MessageReferenceType } from 'discord-api-types/v10';
import type { FakeDiscord } from './fake-discord.ts';
import { canSee } from './people.ts';
import type { FakeUser } from './fake-types.ts';
import { renderComponents, renderEmbed, renderFile, renderGallery } from './render-parts.ts';
import { type NameOf, escapeHtml, renderMarkdown } from './render-markdown.ts';
import { STYLE } from './render-style.ts';
import { type FileRecord, type MessageBody, type MessageRecord, type World, must } from './state.ts';

export interface RenderOptions {
  /** Whose screen it is; absent, every message is shown, ephemeral ones of everybody included. */
  readonly viewer?: FakeUser;
  /** Only these messages. */
  readonly messages?: readonly { readonly id: string }[];
}

/** A whole HTML document with all pictures inside it. */
export function renderChannel(
  fake: FakeDiscord,
  channel: { readonly id: string },
  options: RenderOptions = {},
): string {
  const { world } = fake;
  const record = must(world.channels.get(channel.id), `channel ${channel.id}`);
  const viewer = options.viewer === undefined ? undefined : world.users.get(options.viewer.id);
  const wanted = options.messages?.map((message) => message.id);
  const shown = [...world.messages.values()].filter(
    (message) =>
      message.channelId === channel.id &&
      message.deletedAt === null &&
      (viewer === undefined || canSee(world, viewer, message)) &&
      (wanted === undefined || wanted.includes(message.id)),
  );
  const articles = shown.map((message) => renderMessage(world, message, viewer?.id));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(record.name)}</title><style>${STYLE}</style><header>${escapeHtml(record.name)}</header>${articles.join('')}</html>`;
}

// --- Internal helpers ---

function renderMessage(world: World, message: MessageRecord, viewerId: string | undefined): string {
  const author = must(world.users.get(message.authorId), 'author');
  const nameOf = namesIn(world);
  const ephemeral = message.ephemeralTo !== null;
  const pinged = viewerId !== undefined && message.pinged.users.includes(viewerId);
  const initial = [...new Intl.Segmenter().segment(author.name)][0]?.segment.toUpperCase() ?? '?';
  const time = new Date(message.createdAt).toISOString().slice(11, 16);
  return [
    `<article class="${ephemeral ? 'ephemeral' : pinged ? 'pinged' : ''}">`,
    renderAbove(world, message, nameOf),
    `<div class="avatar">${escapeHtml(initial)}</div>`,
    `<div><span class="name">${escapeHtml(author.name)}</span>`,
    author.bot || author.webhook ? '<span class="app">APP</span>' : '',
    `<span class="time">${time}</span></div>`,
    `<div class="body">${renderBody(world, message, nameOf)}</div>`,
    ephemeral ? '<div class="note">👁 Only you can see this · <a>Dismiss message</a></div>' : '',
    '</article>',
  ].join('');
}

function renderBody(world: World, message: MessageRecord, nameOf: NameOf): string {
  if ((message.flags & MessageFlags.Loading) !== 0) {
    return `<div class="note">● ● ● ${escapeHtml(world.application.name)} is thinking…</div>`;
  }
  const forward =
    message.snapshot === null
      ? ''
      : `<div class="forward"><small>↪ Forwarded</small>${renderParts(message.snapshot, message.snapshot.flags, nameOf)}</div>`;
  const edited =
    message.editedAt !== null && message.edits.length > 0 ? '<span class="edited">(edited)</span>' : '';
  return forward + renderParts(message.body, message.flags, nameOf) + edited;
}

function renderParts(body: MessageBody, flags: number, nameOf: NameOf): string {
  const v2 = (flags & MessageFlags.IsComponentsV2) !== 0;
  const used = JSON.stringify([body.embeds, body.components]);
  // With the components flag a file shows only where a component exposes it.
  const loose = v2 ? [] : body.files.filter((file) => !used.includes(`"attachment_id":"${file.id}"`));
  const pictures = loose.filter(isPicture);
  return [
    body.content === '' ? '' : `<div>${renderMarkdown(body.content, nameOf)}</div>`,
    pictures.length === 0
      ? ''
      : renderGallery(
          pictures.map((file) => ({ file, url: '', alt: file.description, spoiler: file.spoiler })),
        ),
    ...loose.filter((file) => !isPicture(file)).map(renderFile),
    ...body.embeds.map((embed) => renderEmbed(embed, body.files, nameOf)),
    renderComponents(body.components, body.files, nameOf),
  ].join('');
}

function renderAbove(world: World, message: MessageRecord, nameOf: NameOf): string {
  const interaction =
    message.interactionId === null ? undefined : world.interactions.get(message.interactionId);
  if (interaction?.type === InteractionType.ApplicationCommand) {
    const slash = interaction.targetId === null ? '/' : '';
    return `<div class="above"><b>${escapeHtml(nameOf('@', interaction.userId).slice(1))}</b> used <span class="mention">${slash}${escapeHtml(interaction.name)}</span></div>`;
  }
  if (message.reference?.type !== MessageReferenceType.Default) return '';
  const target = world.messages.get(message.reference.messageId);
  if (target?.deletedAt !== null) return '<div class="above"><i>Original message was deleted</i></div>';
  const text =
    target.body.content ||
    (target.body.files.length > 0 ? 'Click to see attachment 🖼' : 'Click to see message');
  const at = message.pinged.users.includes(target.authorId) ? '@' : '';
  return `<div class="above"><b>${at}${escapeHtml(nameOf('@', target.authorId).slice(1))}</b> ${renderMarkdown(text.split('\n')[0] ?? '', nameOf)}</div>`;
}

function namesIn(world: World): NameOf {
  return (kind, id) => {
    if (kind === '#') return `#${world.channels.get(id)?.name ?? 'unknown'}`;
    if (kind === '@') return `@${world.users.get(id)?.name ?? 'unknown'}`;
    const role = [...world.guilds.values()].flatMap((guild) => guild.roles.get(id) ?? [])[0];
    return `@${role?.name ?? 'unknown'}`;
  };
}

function isPicture(file: FileRecord): boolean {
  return file.width !== null && (file.contentType?.startsWith('image/') ?? true);
}
