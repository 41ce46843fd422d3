/** The files that a message has after a request, and how embeds and components refer to them. */

import { type APIEmbed, type APIMessageTopLevelComponent, EmbedType } from 'discord-api-types/v10';
import { createFormErrors } from './api-error.ts';
import { createFile, safeFileName } from './attachments.ts';
import { type JsonObject, isObject, listOf, objectOf, textOf } from './json.ts';
import type { Upload } from './read-body.ts';
import type { Request } from './fake-types.ts';
import type { FileRecord, World } from './state.ts';
import { flatten } from './validate-components.ts';

export interface FilePlan {
  /** What `attachment://` may name: uploads of this request, and kept files that the request lists by id and name. */
  readonly names: ReadonlySet<string>;
  readonly count: number;
  /** Stores the uploads; kept files come first. */
  store(channelId: string, ephemeral: boolean): Promise<FileRecord[]>;
}

/**
 * `attachments` of a request decides: on an edit it lists everything that shall remain, and uploads it leaves out are dropped.
 * @throws {ApiError} 50035 for an id that is neither an upload nor a file of the message, or an alt text that is too long.
 */
export function planFiles(
  world: World,
  request: Request,
  existing: readonly FileRecord[],
  isNew: boolean,
): FilePlan {
  const listed = request.body.attachments;
  const entries = listOf(listed).map(objectOf);
  checkEntries(world, request, entries, existing);
  const entryOf = (id: string): JsonObject | undefined => entries.find((entry) => String(entry.id) === id);
  const listsAll = Array.isArray(listed);
  const kept = existing.filter((file) => !listsAll || entryOf(file.id) !== undefined);
  const uploads = request.uploads.filter((upload) => {
    return isNew || !listsAll || entryOf(upload.placeholder) !== undefined;
  });
  const nameOf = (upload: Upload): string => {
    return safeFileName(textOf(entryOf(upload.placeholder)?.filename) ?? upload.name);
  };
  const named = kept.filter((file) => entryOf(file.id)?.filename === file.name).map((file) => file.name);
  return {
    names: new Set([...named, ...uploads.map(nameOf)]),
    count: kept.length + uploads.length,
    async store(channelId, ephemeral) {
      const described = kept.map((file) => {
        const description = textOf(entryOf(file.id)?.description);
        return description === null ? file : { ...file, description };
      });
      const added = uploads.map(async (upload) => {
        const entry = entryOf(upload.placeholder);
        return createFile(world, {
          name: nameOf(upload),
          bytes: upload.bytes,
          discard: !world.keepUploads,
          channelId,
          ephemeral,
          description: textOf(entry?.description),
          spoiler: entry?.is_spoiler === true,
          ...(upload.contentType.startsWith('application/octet-stream')
            ? {}
            : { contentType: upload.contentType }),
        });
      });
      return [...described, ...(await Promise.all(added))];
    },
  };
}

/** Numbers every component and ties media to the files they show. */
export function resolveComponents(
  components: readonly unknown[],
  files: readonly FileRecord[],
): APIMessageTopLevelComponent[] {
  const resolved = tieMedia(components, files) as APIMessageTopLevelComponent[];
  const all = flatten(resolved).map(({ component }) => component as { id?: unknown });
  const taken = new Set(all.map((component) => component.id));
  let next = 1;
  for (const component of all) {
    if (typeof component.id === 'number' && component.id !== 0) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    component.id = next;
  }
  return resolved;
}

export function resolveEmbeds(embeds: readonly unknown[], files: readonly FileRecord[]): APIEmbed[] {
  const resolved = tieMedia(embeds, files) as APIEmbed[];
  return resolved.map((embed) => ({ ...embed, type: EmbedType.Rich }));
}

// --- Internal helpers ---

function checkEntries(
  world: World,
  request: Request,
  entries: readonly JsonObject[],
  existing: readonly FileRecord[],
): void {
  const errors = createFormErrors();
  entries.forEach((entry, index) => {
    const id = String(entry.id);
    const path = [...request.path, 'attachments', index];
    const known =
      existing.some((file) => file.id === id) || request.uploads.some((upload) => upload.placeholder === id);
    if (!known) errors.add([...path, 'id'], 'ATTACHMENT_NOT_FOUND', 'Attachment not found');
    const description = textOf(entry.description);
    const most = world.limits.altTextCharacters;
    if (description !== null && description.length > most) {
      errors.add([...path, 'description'], 'BASE_TYPE_MAX_LENGTH', `Must be ${most} or fewer in length.`);
    }
  });
  errors.throwIfAny();
}

/** A deep copy in which `attachment://name` and this message's own URLs carry the id of their file. */
function tieMedia(value: unknown, files: readonly FileRecord[]): unknown {
  if (Array.isArray(value)) return value.map((entry) => tieMedia(entry, files));
  if (!isObject(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, tieMedia(entry, files)]));
  const url = textOf(value.url);
  const file = url === null ? undefined : fileOf(url, files);
  return file ? { ...copy, attachment_id: file.id } : copy;
}

function fileOf(url: string, files: readonly FileRecord[]): FileRecord | undefined {
  if (url.startsWith('attachment://')) {
    // A later upload wins over a kept file of the same name.
    return files.findLast((file) => url === `attachment://${file.name}`);
  }
  const id = /\/(?:ephemeral-)?attachments\/\d+\/(\d+)\//.exec(url)?.[1];
  return files.find((file) => file.id === id);
}
