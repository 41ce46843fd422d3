/** Renders components, embeds, galleries and files as HTML. */

import {
  type APIEmbed,
  type APIMediaGalleryItem,
  type APIMessageTopLevelComponent,
  type APISelectMenuComponent,
  type APIUnfurledMediaItem,
  ButtonStyle,
  ComponentType,
  SeparatorSpacingSize,
} from 'discord-api-types/v10';
import { type NameOf, escapeHtml, renderMarkdown } from './render-markdown.ts';
import type { FileRecord } from './state.ts';

export interface Picture {
  /** Null for a picture on somebody else's server. */
  readonly file: FileRecord | null;
  readonly url: string;
  readonly alt: string | null;
  readonly spoiler: boolean;
}

export function renderComponents(
  components: readonly APIMessageTopLevelComponent[],
  files: readonly FileRecord[],
  nameOf: NameOf,
): string {
  return components.map((component) => renderComponent(component, files, nameOf)).join('');
}

/** The mosaic: how many pictures decides how wide each is. */
export function renderGallery(pictures: readonly Picture[]): string {
  const figures = pictures.map((picture, index) => {
    const span = spanOf(pictures.length, index);
    const kind = span === 3 ? 'half' : span === 4 ? 'tall' : 'third';
    const alt = picture.alt === null ? '' : '<span class="alt">ALT</span>';
    return `<figure class="${kind}${picture.spoiler ? ' spoiler' : ''}" style="grid-column: span ${span}">${image(picture)}${alt}</figure>`;
  });
  return `<div class="gallery${pictures.length === 1 ? ' one' : ''}">${figures.join('')}</div>`;
}

export function renderFile(file: FileRecord): string {
  return `<div class="file">📄 <a>${escapeHtml(file.name)}</a><br><small>${file.size} bytes</small></div>`;
}

export function renderEmbed(embed: APIEmbed, files: readonly FileRecord[], nameOf: NameOf): string {
  const title = embed.title === undefined ? '' : `<div class="title">${escapeHtml(embed.title)}</div>`;
  const text = embed.description === undefined ? '' : renderMarkdown(embed.description, nameOf);
  const fields = (embed.fields ?? []).map(
    (field) => `<div><b>${escapeHtml(field.name)}</b>${renderMarkdown(field.value, nameOf)}</div>`,
  );
  const picture = embed.image ? image(pictureOf(embed.image, files, null, false)) : '';
  const footer = embed.footer ? `<div class="subtext">${escapeHtml(embed.footer.text)}</div>` : '';
  return `<div class="embed"${accent(embed.color)}>${title}${text}${fields.join('')}${picture}${footer}</div>`;
}

// --- Internal helpers ---

function renderComponent(
  component: APIMessageTopLevelComponent,
  files: readonly FileRecord[],
  nameOf: NameOf,
): string {
  switch (component.type) {
    case ComponentType.TextDisplay:
      return `<div>${renderMarkdown(component.content, nameOf)}</div>`;
    case ComponentType.Container: {
      const classes = [
        'container',
        component.accent_color ? 'accent' : '',
        component.spoiler === true ? 'spoiler' : '',
      ];
      const inside = renderComponents(component.components, files, nameOf);
      return `<div class="${classes.join(' ')}"${accent(component.accent_color)}>${inside}</div>`;
    }
    case ComponentType.MediaGallery:
      return renderGallery(component.items.map((item) => pictureOfItem(item, files)));
    case ComponentType.Section: {
      const texts = renderComponents(component.components, files, nameOf);
      const { accessory } = component;
      const side =
        accessory.type === ComponentType.Thumbnail
          ? `<div>${image(pictureOf(accessory.media, files, accessory.description ?? null, false), 'thumb')}</div>`
          : `<div>${renderButton(accessory)}</div>`;
      return `<div class="section"><div class="texts">${texts}</div>${side}</div>`;
    }
    case ComponentType.Separator: {
      const wide = component.spacing === SeparatorSpacingSize.Large ? ' wide' : '';
      return `<hr class="${component.divider === false ? 'bare' : ''}${wide}">`;
    }
    case ComponentType.File: {
      const { file } = pictureOf(component.file, files, null, false);
      return file ? renderFile(file) : '<div class="broken">missing file</div>';
    }
    case ComponentType.ActionRow:
      return `<div class="row">${component.components.map((child) => (child.type === ComponentType.Button ? renderButton(child) : renderSelect(child))).join('')}</div>`;
  }
}

function renderButton(
  button:
    { style: ButtonStyle; disabled?: boolean; label?: string; emoji?: { name?: string | null } } | object,
): string {
  const shown = button as {
    style: ButtonStyle;
    disabled?: boolean;
    label?: string;
    emoji?: { name?: string | null };
  };
  const label = [shown.emoji?.name ?? '', shown.label ?? ''].filter((text) => text !== '').join(' ');
  const link = shown.style === ButtonStyle.Link ? ' ↗' : '';
  return `<span class="button s${shown.style}${shown.disabled === true ? ' off' : ''}">${escapeHtml(label)}${link}</span>`;
}

function renderSelect(select: APISelectMenuComponent): string {
  const chosen =
    select.type === ComponentType.StringSelect ? select.options.find((option) => option.default) : undefined;
  const label = chosen?.label ?? select.placeholder ?? 'Make a selection';
  return `<span class="select"><span>${escapeHtml(label)}</span><span>⌄</span></span>`;
}

function pictureOfItem(item: APIMediaGalleryItem, files: readonly FileRecord[]): Picture {
  return pictureOf(item.media, files, item.description ?? null, item.spoiler ?? false);
}

function pictureOf(
  media: APIUnfurledMediaItem | { url: string },
  files: readonly FileRecord[],
  alt: string | null,
  spoiler: boolean,
): Picture {
  const id = 'attachment_id' in media ? media.attachment_id : undefined;
  const file = files.find((one) => one.id === id) ?? null;
  return { file, url: media.url, alt, spoiler: spoiler || (file?.spoiler ?? false) };
}

function image(picture: Picture, className = ''): string {
  const { file } = picture;
  if (!file && !picture.url.startsWith('http')) return '<div class="broken">missing picture</div>';
  const source = file
    ? `data:${file.contentType ?? 'application/octet-stream'};base64,${file.bytes.toString('base64')}`
    : escapeHtml(picture.url);
  return `<img class="${className}" src="${source}" alt="${escapeHtml(picture.alt ?? '')}" title="${escapeHtml(picture.alt ?? '')}">`;
}

/** Columns of six: rows of two take three each, rows of three take two each; three pictures are one tall and two small. */
function spanOf(count: number, index: number): number {
  if (count === 1) return 6;
  if (count === 2 || count === 4) return 3;
  if (count === 3) return index === 0 ? 4 : 2;
  const lead = count % 3;
  if (lead === 1 && index === 0) return 6;
  if (lead === 2 && index < 2) return 3;
  return 2;
}

function accent(colour: number | null | undefined): string {
  return colour === null || colour === undefined
    ? ''
    : ` style="--accent: #${colour.toString(16).padStart(6, '0')}"`;
}
