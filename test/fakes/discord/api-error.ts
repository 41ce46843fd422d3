/** Errors of the REST API as Discord words them: HTTP status, JSON code and, for a bad body, the tree of form errors. */

import { RESTJSONErrorCodes as Code } from 'discord-api-types/v10';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;
  readonly errors: unknown;

  constructor(status: number, code: number, message: string, errors?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  toBody(): object {
    return {
      message: this.message,
      code: this.code,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}

export const refusals = {
  unauthorized: () => new ApiError(401, 0, '401: Unauthorized'),
  notFound: () => new ApiError(404, 0, '404: Not Found'),
  unknownChannel: () => new ApiError(404, Code.UnknownChannel, 'Unknown Channel'),
  unknownGuild: () => new ApiError(404, Code.UnknownGuild, 'Unknown Guild'),
  unknownMember: () => new ApiError(404, Code.UnknownMember, 'Unknown Member'),
  unknownMessage: () => new ApiError(404, Code.UnknownMessage, 'Unknown Message'),
  unknownUser: () => new ApiError(404, Code.UnknownUser, 'Unknown User'),
  unknownWebhook: () => new ApiError(404, Code.UnknownWebhook, 'Unknown Webhook'),
  unknownInteraction: () => new ApiError(404, Code.UnknownInteraction, 'Unknown interaction'),
  acknowledged: () =>
    new ApiError(
      400,
      Code.InteractionHasAlreadyBeenAcknowledged,
      'Interaction has already been acknowledged.',
    ),
  expiredToken: () => new ApiError(401, Code.InvalidWebhookToken, 'Invalid Webhook Token'),
  missingAccess: () => new ApiError(403, Code.MissingAccess, 'Missing Access'),
  missingPermissions: () => new ApiError(403, Code.MissingPermissions, 'Missing Permissions'),
  noHistory: () =>
    new ApiError(
      400,
      Code.CannotReplyWithoutPermissionToReadMessageHistory,
      'Cannot reply without permission to read message history',
    ),
  closedDirectMessages: () =>
    new ApiError(403, Code.CannotSendMessagesToThisUser, 'Cannot send messages to this user'),
  notTheAuthor: () =>
    new ApiError(
      403,
      Code.CannotEditMessageAuthoredByAnotherUser,
      'Cannot edit a message authored by another user',
    ),
  emptyMessage: () => new ApiError(400, Code.CannotSendAnEmptyMessage, 'Cannot send an empty message'),
  tooManyFiles: (limit: number) =>
    new ApiError(
      400,
      Code.MaximumNumberOfAttachmentsInAMessageReached,
      `Maximum number of attachments in a message reached (${limit})`,
    ),
  tooLarge: () => new ApiError(413, Code.RequestEntityTooLarge, 'Request entity too large'),
  badJson: () =>
    new ApiError(400, Code.RequestBodyContainsInvalidJSON, 'The request body contains invalid JSON.'),
  badVersion: () => new ApiError(400, Code.InvalidAPIVersion, 'Invalid API version provided'),
  blocked: () => new ApiError(403, Code.CloudflareIsBlockingYourRequest, 'error code: 1010'),
} as const;

export type Path = readonly (string | number)[];

/** Collects everything wrong with a body, then refuses it once: JSON code 50035 with one leaf per finding. */
export interface FormErrors {
  add(path: Path, code: string, message: string): void;
  /** @throws {ApiError} when anything was added. */
  throwIfAny(): void;
}

export function createFormErrors(): FormErrors {
  const tree: ErrorTree = {};
  let count = 0;
  return {
    add(path, code, message) {
      count += 1;
      let node: ErrorTree = tree;
      for (const step of path) node = (node[String(step)] ??= {}) as ErrorTree;
      const leaf = (node._errors ??= []) as { code: string; message: string }[];
      leaf.push({ code, message });
    },
    throwIfAny() {
      if (count > 0) throw new ApiError(400, Code.InvalidFormBodyOrContentType, 'Invalid Form Body', tree);
    },
  };
}

/** One finding, thrown at once. */
export function formError(path: Path, code: string, message: string): ApiError {
  const tree: ErrorTree = {};
  let node = tree;
  for (const step of path) node = node[String(step)] = {};
  node._errors = [{ code, message }];
  return new ApiError(400, Code.InvalidFormBodyOrContentType, 'Invalid Form Body', tree);
}

// --- Internal helpers ---

interface ErrorTree {
  [step: string]: ErrorTree | { code: string; message: string }[] | undefined;
}
