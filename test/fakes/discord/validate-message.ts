/** Validates a message body of any route: content, embeds, flags, and that components exclude other content. */

import { MessageFlags } from 'discord-api-types/v10';
import { type FormErrors, type Path, createFormErrors, refusals } from './api-error.ts';
import { type JsonObject, isGiven, listOf, objectOf } from './json.ts';
import type { Limits } from './limits.ts';
import { validateComponents } from './validate-components.ts';

export interface Draft {
  readonly body: JsonObject;
  /** Where the body sits in the request: empty, or `data` of an interaction response. */
  readonly path: Path;
  readonly limits: Limits;
  /** Flags of the message as it will be. */
  readonly flags: number;
  readonly fileNames: ReadonlySet<string>;
  /** How many files the message will have. */
  readonly fileCount: number;
  /** What an edit leaves as it was. */
  readonly kept: { readonly content: string; readonly embeds: number; readonly components: number };
}

const LEGACY_FIELDS = ['content', 'embeds', 'sticker_ids', 'poll', 'shared_client_theme'] as const;

/** Flags a new message may carry. @throws {ApiError} for any other. */
export function checkFlags(value: unknown, allowed: number, path: Path): number {
  if (value === undefined || value === null) return 0;
  const errors = createFormErrors();
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    errors.add([...path, 'flags'], 'NUMBER_TYPE_COERCE', 'Value is not an int.');
  } else if ((value & ~allowed) !== 0) {
    errors.add([...path, 'flags'], 'MESSAGE_FLAGS_INVALID', `Only flags within ${allowed} can be set here.`);
  }
  errors.throwIfAny();
  return value as number;
}

/** @throws {ApiError} 50035 with every finding, 50006 for a message of nothing, 30015 for too many files. */
export function validateMessage(draft: Draft): void {
  const { body, path, limits, flags } = draft;
  const errors = createFormErrors();
  const v2 = (flags & MessageFlags.IsComponentsV2) !== 0;
  if (draft.fileCount > limits.files) throw refusals.tooManyFiles(limits.files);

  if (v2) refuseLegacyFields(draft, errors);
  else {
    validateContent(body.content, limits, errors, [...path, 'content']);
    validateEmbeds(listOf(body.embeds).map(objectOf), limits, errors, [...path, 'embeds']);
  }
  const components = listOf(body.components);
  const context = { errors, limits, v2, fileNames: draft.fileNames };
  validateComponents(components, context, [...path, 'components']);
  checkEmbedImages(draft, errors);
  checkNonce(body.nonce, limits, errors, [...path, 'nonce']);
  errors.throwIfAny();

  if (isEmpty(draft, v2)) throw refusals.emptyMessage();
}

// --- Internal helpers ---

function refuseLegacyFields(draft: Draft, errors: FormErrors): void {
  for (const field of LEGACY_FIELDS) {
    const kept =
      (field === 'content' && draft.body.content === undefined && draft.kept.content !== '') ||
      (field === 'embeds' && draft.body.embeds === undefined && draft.kept.embeds > 0);
    if (!kept && !isGiven(draft.body[field])) continue;
    errors.add(
      [...draft.path, field],
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    );
  }
}

function validateContent(content: unknown, limits: Limits, errors: FormErrors, path: Path): void {
  if (typeof content !== 'string' || content.length <= limits.contentCharacters) return;
  errors.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limits.contentCharacters} or fewer in length.`);
}

function validateEmbeds(embeds: readonly JsonObject[], limits: Limits, errors: FormErrors, path: Path): void {
  if (embeds.length > limits.embeds) {
    errors.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limits.embeds} or fewer in length.`);
  }
  let total = 0;
  const measure = (value: unknown, most: number, at: Path): void => {
    const length = typeof value === 'string' ? value.trim().length : 0;
    total += length;
    if (length > most) errors.add(at, 'BASE_TYPE_MAX_LENGTH', `Must be ${most} or fewer in length.`);
  };
  embeds.forEach((embed, index) => {
    const at = [...path, index];
    measure(embed.title, limits.embedTitle, [...at, 'title']);
    measure(embed.description, limits.embedDescription, [...at, 'description']);
    measure(objectOf(embed.footer).text, limits.embedFooter, [...at, 'footer', 'text']);
    measure(objectOf(embed.author).name, limits.embedAuthor, [...at, 'author', 'name']);
    const fields = listOf(embed.fields).map(objectOf);
    if (fields.length > limits.embedFields) {
      errors.add(
        [...at, 'fields'],
        'BASE_TYPE_MAX_LENGTH',
        `Must be ${limits.embedFields} or fewer in length.`,
      );
    }
    fields.forEach((field, number) => {
      measure(field.name, limits.embedFieldName, [...at, 'fields', number, 'name']);
      measure(field.value, limits.embedFieldValue, [...at, 'fields', number, 'value']);
    });
  });
  if (total > limits.embedCharacters) {
    errors.add(
      path,
      'MAX_EMBED_SIZE_EXCEEDED',
      `Embed size exceeds maximum size of ${limits.embedCharacters}`,
    );
  }
}

function checkEmbedImages(draft: Draft, errors: FormErrors): void {
  listOf(draft.body.embeds)
    .map(objectOf)
    .forEach((embed, index) => {
      for (const key of ['image', 'thumbnail']) {
        const url = objectOf(embed[key]).url;
        if (typeof url !== 'string' || !url.startsWith('attachment://')) continue;
        const name = url.slice('attachment://'.length);
        if (draft.fileNames.has(name)) continue;
        const message = `The referenced attachment "${name}" was not found`;
        errors.add(
          [...draft.path, 'embeds', index, key, 'url'],
          'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
          message,
        );
      }
    });
}

function checkNonce(nonce: unknown, limits: Limits, errors: FormErrors, path: Path): void {
  if (typeof nonce !== 'string' || nonce.length <= limits.nonceCharacters) return;
  errors.add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limits.nonceCharacters} or fewer in length.`);
}

function isEmpty(draft: Draft, v2: boolean): boolean {
  const { body, kept } = draft;
  const components = body.components === undefined ? kept.components : listOf(body.components).length;
  if (v2) return components === 0;
  const content = body.content === undefined ? kept.content : (body.content ?? '');
  const embeds = body.embeds === undefined ? kept.embeds : listOf(body.embeds).length;
  return content === '' && embeds === 0 && components === 0 && draft.fileCount === 0;
}
