/** Messages and interactions as tests see them. Every access reads the current state of the records. */

import {
  type APIButtonComponent,
  type APIEmbed,
  type APIMediaGalleryComponent,
  type APIMessageTopLevelComponent,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord-api-types/v10';
import { textsOf } from './mentions.ts';
import {
  type Acknowledgement,
  type FileRecord,
  type MessageRecord,
  type Pinged,
  type World,
  must,
} from './state.ts';
import { flatten } from './validate-components.ts';

export interface SeenFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType: string | null;
  readonly description: string | null;
  readonly spoiler: boolean;
}

export interface SeenButton {
  readonly label: string;
  /** Null for a link. */
  readonly customId: string | null;
  readonly url: string | null;
  readonly style: ButtonStyle;
  readonly disabled: boolean;
}

export interface SeenGalleryItem {
  /** Null for a picture of somebody else's server. */
  readonly file: SeenFile | null;
  readonly url: string;
  readonly description: string | null;
  readonly spoiler: boolean;
}

/** A message that is always current: every access to a property reads the record again. */
export interface SeenMessage {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly createdAt: number;
  readonly content: string;
  /** Content and every text display, one after the other. */
  readonly text: string;
  readonly flags: number;
  readonly componentsV2: boolean;
  /** Shows "is thinking". */
  readonly loading: boolean;
  readonly deleted: boolean;
  readonly editedAt: number | null;
  /** The one person who sees it; null for everybody. */
  readonly ephemeralTo: string | null;
  readonly replyTo: string | null;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIMessageTopLevelComponent[];
  readonly files: readonly SeenFile[];
  /** Items of all galleries, in order. */
  readonly gallery: readonly SeenGalleryItem[];
  readonly buttons: readonly SeenButton[];
  readonly selects: readonly APIStringSelectComponent[];
  /** Who was notified by it. */
  readonly pinged: Pinged;
  /** Earlier versions, oldest first. */
  readonly edits: MessageRecord['edits'];
}

export interface SeenInteraction {
  readonly id: string;
  /** `pending`, `failed` (3 s passed), `thinking`, `stuck` (deferred and its token expired) or `answered`. */
  readonly status: 'pending' | 'failed' | 'thinking' | 'stuck' | 'answered';
  readonly acknowledgement: Acknowledgement | null;
  /** From delivery to the initial response. */
  readonly acknowledgedAfterMs: number | null;
  readonly ephemeral: boolean;
  /** What `@original` means. */
  readonly response: SeenMessage | null;
  readonly followUps: readonly SeenMessage[];
  readonly modal: object | null;
}

export function seeMessage(world: World, id: string): SeenMessage {
  const record = must(world.messages.get(id), `message ${id}`);
  const parts = (): ReturnType<typeof flatten> => flatten(record.body.components);
  const ofType = <T>(type: ComponentType): T[] => {
    return parts().flatMap(({ component }) => (component.type === type ? [component as unknown as T] : []));
  };
  const has = (flag: MessageFlags): boolean => (record.flags & flag) !== 0;
  return {
    id: record.id,
    channelId: record.channelId,
    authorId: record.authorId,
    createdAt: record.createdAt,
    ephemeralTo: record.ephemeralTo,
    replyTo: record.reference?.messageId ?? null,
    get content() {
      return record.body.content;
    },
    get text() {
      return [record.body.content, ...textsOf(record.body.components)]
        .filter((text) => text !== '')
        .join('\n');
    },
    get flags() {
      return record.flags;
    },
    get componentsV2() {
      return has(MessageFlags.IsComponentsV2);
    },
    get loading() {
      return has(MessageFlags.Loading);
    },
    get deleted() {
      return record.deletedAt !== null;
    },
    get editedAt() {
      return record.editedAt;
    },
    get embeds() {
      return record.body.embeds;
    },
    get components() {
      return record.body.components;
    },
    get files() {
      return record.body.files;
    },
    get gallery() {
      return ofType<APIMediaGalleryComponent>(ComponentType.MediaGallery).flatMap((gallery) =>
        gallery.items.map((item) => ({
          file: fileOf(record, item.media),
          url: item.media.url,
          description: item.description ?? null,
          spoiler: item.spoiler ?? false,
        })),
      );
    },
    get buttons() {
      return ofType<APIButtonComponent>(ComponentType.Button).map(seeButton);
    },
    get selects() {
      return ofType<APIStringSelectComponent>(ComponentType.StringSelect);
    },
    get pinged() {
      return record.pinged;
    },
    get edits() {
      return record.edits;
    },
  };
}

export function seeInteraction(world: World, id: string): SeenInteraction {
  const record = must(world.interactions.get(id), `interaction ${id}`);
  const response = (): SeenMessage | null =>
    record.originalId === null ? null : seeMessage(world, record.originalId);
  return {
    id,
    get status() {
      const age = world.clock.now() - record.createdAt;
      if (!record.acknowledged) return age > world.limits.initialResponseMs ? 'failed' : 'pending';
      if (record.acknowledged.kind !== 'deferred' || response()?.loading !== true) return 'answered';
      return age > world.limits.interactionTokenMs ? 'stuck' : 'thinking';
    },
    get acknowledgement() {
      return record.acknowledged?.kind ?? null;
    },
    get acknowledgedAfterMs() {
      return record.acknowledged ? record.acknowledged.at - record.createdAt : null;
    },
    get ephemeral() {
      return record.acknowledged?.ephemeral ?? false;
    },
    get response() {
      return response();
    },
    get followUps() {
      return record.followUpIds.map((messageId) => seeMessage(world, messageId));
    },
    get modal() {
      return record.modal;
    },
  };
}

// --- Internal helpers ---

function fileOf(record: MessageRecord, media: object): FileRecord | null {
  const id = 'attachment_id' in media ? media.attachment_id : undefined;
  return record.body.files.find((file) => file.id === id) ?? null;
}

function seeButton(button: APIButtonComponent): SeenButton {
  const text = 'label' in button ? (button.label ?? '') : '';
  const emoji = 'emoji' in button ? (button.emoji.name ?? '') : '';
  return {
    label: text === '' ? emoji : text,
    customId: 'custom_id' in button ? button.custom_id : null,
    url: button.style === ButtonStyle.Link ? button.url : null,
    style: button.style,
    disabled: button.disabled ?? false,
  };
}
