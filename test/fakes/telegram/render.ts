/** Renders a chat as a page that resembles Telegram, for screenshots. */
import type { Message, MessageEntity } from '@grammyjs/types';
import { pageStyle } from './render-style.ts';
import type { SimulatedChat } from './simulation/simulated-chat.ts';
import type { FakeTelegram } from './start-fake-telegram.ts';
import type { Post } from './world.ts';

export interface RenderOptions {
  /** Light by default. */
  theme?: 'light' | 'dark';
  /** Show only messages of this forum topic. */
  topic?: number;
}

/** A whole HTML page, pictures included as data. */
export function renderChat(
  fake: FakeTelegram,
  { record }: SimulatedChat,
  options: RenderOptions = {},
): string {
  const { theme = 'light', topic } = options;
  const posts = [...record.posts.values()].filter(
    ({ deleted, message }) => !deleted && (topic === undefined || message.message_thread_id === topic),
  );
  const { chat } = record;
  const title = chat.type === 'private' ? fake.bot.user.first_name : chat.title;
  const now = fake.clock.now();
  const acting = record.actions.findLast(({ until }) => until > now);
  const status =
    acting === undefined ? subtitle(chat.type, record.members.size) : `${actionText(acting.action)}…`;
  const bubbles = albums(posts).map((group) => bubble(group, chat.type !== 'private'));
  return `<!doctype html>
<html lang="en" class="${theme}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>
<style>${pageStyle}</style></head>
<body>
<header><span class="avatar">${escape(title.slice(0, 1))}</span><div><b>${escape(title)}</b><small>${escape(status)}</small></div></header>
<main>${bubbles.join('\n')}</main>
</body></html>
`;
}

// --- Internal helpers ---

function subtitle(type: Message['chat']['type'], members: number): string {
  if (type === 'private') return 'bot';
  return type === 'channel' ? 'channel' : members === 1 ? '1 member' : `${members} members`;
}

function actionText(action: string): string {
  return action === 'typing'
    ? 'typing'
    : `sending ${action.replace(/^(?:upload|record)_/, 'a ').replace('_', ' ')}`;
}

function albums(posts: readonly Post[]): Post[][] {
  const groups: Post[][] = [];
  for (const post of posts) {
    const album = post.message.media_group_id;
    const last = groups.at(-1);
    if (album !== undefined && last?.[0]?.message.media_group_id === album) last.push(post);
    else groups.push([post]);
  }
  return groups;
}

function bubble(group: readonly Post[], named: boolean): string {
  const [first] = group;
  if (first === undefined) return '';
  const { message, fromBot } = first;
  if (isService(message)) return `<p class="service">${escape(serviceText(message))}</p>`;
  const name = message.sender_chat?.title ?? message.from?.first_name ?? '';
  const captions = group.map((post) => post.message).filter(({ caption }) => caption !== undefined);
  const pictures = group.filter((post) => post.message.photo ?? post.message.sticker);
  const files = group.filter((post) => post.message.document !== undefined);
  const parts = [
    named && !fromBot ? `<b class="name">${escape(name)}</b>` : '',
    message.forward_origin === undefined ? '' : `<i class="forward">Forwarded message</i>`,
    quote(message),
    mosaic(pictures),
    ...files.map(
      (post) => `<div class="file">📄 ${escape(post.message.document?.file_name ?? 'file')}</div>`,
    ),
    message.text === undefined
      ? ''
      : `<div class="text">${formatted(message.text, message.entities ?? [])}</div>`,
    captionHtml(captions),
    first.reactions
      .map((reaction) => (reaction.type === 'emoji' ? `<span class="reaction">${reaction.emoji}</span>` : ''))
      .join(''),
    `<time>${message.edit_date === undefined ? '' : 'edited '}${clockText(message.date)}</time>`,
  ];
  // A private chat shows the person's own messages on the right, as their phone does.
  const side = fromBot ? 'in' : 'out';
  const bare = message.sticker === undefined ? '' : ' bare';
  return `<section class="${side}${bare}"><article>${parts.join('')}</article>${keyboard(message)}</section>`;
}

/** Clients show a lone caption under the album; of several each shows only when its picture is opened. */
function captionHtml(messages: readonly Message[]): string {
  const lines = messages.map(({ caption = '', caption_entities = [] }) =>
    formatted(caption, caption_entities),
  );
  if (lines.length < 2) return lines.map((line) => `<div class="text">${line}</div>`).join('');
  const items = lines.map((line) => `<li>${line}</li>`).join('');
  return `<div class="text opened">Seen only when a picture is opened:<ol>${items}</ol></div>`;
}

function isService({ text, photo, document, sticker, caption }: Message): boolean {
  return (text ?? photo ?? document ?? sticker ?? caption) === undefined;
}

function serviceText({ forum_topic_created, migrate_to_chat_id, migrate_from_chat_id }: Message): string {
  if (forum_topic_created !== undefined) return `Topic «${forum_topic_created.name}» was created`;
  if ((migrate_to_chat_id ?? migrate_from_chat_id) !== undefined) return 'The group became a supergroup';
  return 'service message';
}

function quote({ reply_to_message: answered, external_reply: outside }: Message): string {
  if (outside !== undefined) return `<div class="quote"><b>Another chat</b><span>Photo</span></div>`;
  if (answered === undefined || answered.forum_topic_created !== undefined) return '';
  const what = answered.text ?? answered.caption ?? (answered.photo === undefined ? 'Message' : 'Photo');
  return `<div class="quote"><b>${escape(answered.from?.first_name ?? 'Channel')}</b><span>${escape(what)}</span></div>`;
}

/** One picture whole; of several the first row holds two, the others three, cut to fit, as in Telegram's albums. */
function mosaic(pictures: readonly Post[]): string {
  if (pictures.length === 0) return '';
  const cells = pictures.map(({ message, files }) => {
    const file = files[0]?.file;
    if (file === undefined) return '';
    const spoiler = message.has_media_spoiler === true ? ' class="spoiler"' : '';
    const source = `data:${file.mimeType};base64,${file.bytes.toString('base64')}`;
    return `<figure${spoiler}><img alt="" src="${source}"></figure>`;
  });
  const layout = cells.length === 1 ? 'one' : cells.length === 2 || cells.length === 4 ? 'pairs' : 'many';
  return `<div class="mosaic ${layout}">${cells.join('')}</div>`;
}

function keyboard({ reply_markup }: Message): string {
  const rows = reply_markup?.inline_keyboard ?? [];
  if (rows.length === 0) return '';
  const lines = rows.map((row) => {
    const buttons = row.map(
      (button) => `<span>${escape(button.text)}${'url' in button ? '<sup>↗</sup>' : ''}</span>`,
    );
    return `<div>${buttons.join('')}</div>`;
  });
  return `<nav>${lines.join('')}</nav>`;
}

const tags: Readonly<Record<string, [open: string, close: string]>> = {
  bold: ['<b>', '</b>'],
  italic: ['<i>', '</i>'],
  underline: ['<u>', '</u>'],
  strikethrough: ['<s>', '</s>'],
  spoiler: ['<span class="hidden">', '</span>'],
  code: ['<code>', '</code>'],
  pre: ['<pre>', '</pre>'],
  blockquote: ['<blockquote>', '</blockquote>'],
  expandable_blockquote: ['<blockquote>', '</blockquote>'],
};
const link: [string, string] = ['<a>', '</a>'];

/** Text with its entities as markup; entities are nested by Telegram's rules, so tags never cross. */
function formatted(text: string, entities: readonly MessageEntity[]): string {
  const marks = entities.map(({ type, offset, length }) => ({
    start: offset,
    end: offset + length,
    pair: tags[type] ?? link,
  }));
  let html = '';
  for (let position = 0; position <= text.length; position += 1) {
    for (const { end, pair } of marks.toReversed()) if (end === position) html += pair[1];
    for (const { start, pair } of marks) if (start === position) html += pair[0];
    html += escape(text.charAt(position));
  }
  return html;
}

function clockText(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(11, 16);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
