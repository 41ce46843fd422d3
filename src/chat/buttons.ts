/** Stores the actions of a reply's buttons for an hour. A button itself carries only a random handle. */

import { randomBytes } from 'node:crypto';
import type { Keyv } from 'keyv';
import { SESSION_LIFETIME_MS } from '../recommend/gallery-sessions.ts';
import type { Loss } from '../reindex/reindex-plan.ts';
import type { Filter } from '../search/filter.ts';
import { entriesOf } from '../store/store.ts';
import { truncate } from '../util/truncate.ts';
import type { Step } from '../reindex/reindex-run.ts';
import type { Reply } from './reply.ts';

/** The search that a gallery is a page of. */
export interface Search {
  readonly gallery: string;
  readonly filter: Filter;
  /** Title of the item that was searched by; absent for the search by a photo. */
  readonly like?: string;
}

export type Action =
  /** Shows a page: the next five items, a weak gallery, or the gallery of one of several photos. */
  | {
      readonly kind: 'open';
      readonly search: Search;
      readonly offset: number;
      /** Whether the page replaces the message of the button; otherwise it is a new message. */
      readonly replace: boolean;
    }
  /** Shows the first page of the search with another value of one label. An empty value means any. */
  | {
      readonly kind: 'narrow';
      readonly search: Search;
      readonly label: 'type' | 'colour' | 'gender';
      readonly values: readonly string[];
    }
  | { readonly kind: 'like'; readonly item: string; readonly title: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'steer-reindex'; readonly run: string; readonly step: Step }
  /** Runs the reindex that large losses stopped, if the losses are still no larger than these. */
  | { readonly kind: 'confirm-reindex'; readonly full: boolean; readonly losses: readonly Loss[] }
  | { readonly kind: 'decline-reindex' };

export interface StoredButtons {
  /** Key of the person whom the reply answers. */
  readonly owner: string;
  /** Locale of the owner, so that a replaced reply keeps its language. */
  readonly locale: string;
  readonly spoiler: boolean;
  /** Galleries that were created for this reply. /forget deletes them with it. */
  readonly opened: readonly string[];
  readonly actions: readonly Action[];
}

/** Whom a reply belongs to. */
export interface Ownership extends Pick<StoredButtons, 'owner' | 'locale'> {
  readonly opened?: readonly string[];
}

/** A reply whose buttons still hold their actions instead of handles. */
export interface Draft extends Omit<Reply, 'buttons' | 'choices'> {
  readonly buttons?: readonly {
    readonly label: string;
    readonly danger?: boolean;
    readonly action: Action;
  }[];
  readonly choices?: readonly {
    readonly label: string;
    readonly options: NonNullable<Reply['choices']>[number]['options'];
    readonly action: Action;
  }[];
}

export interface ClickedButton extends Omit<StoredButtons, 'actions'> {
  readonly action: Action;
}

export interface Buttons {
  /** Stores the actions and replaces them by handles. */
  publish(draft: Draft, ownership: Ownership): Promise<Reply>;
  /** Undefined for an unknown or expired handle, whatever it looks like. */
  find(handle: string): Promise<ClickedButton | undefined>;
  /** Disables all buttons of the reply that this handle belongs to. */
  discard(handle: string): Promise<void>;
  /** Deletes a person's records. Returns how many there were, and the galleries that were created for them. */
  forget(person: string): Promise<{ readonly replies: number; readonly galleries: string[] }>;
}

/** As long as the galleries that the buttons lead to. */
export const BUTTONS_LIFETIME_MS = SESSION_LIFETIME_MS;
/** The buttons of a reindex live longer, because a large inventory takes more than an hour. */
const STEER_LIFETIME_MS = 24 * 60 * 60 * 1000;

const MAX_LABEL_LENGTH = 80;
const MAX_ACTIONS = 36;

export function createButtons(store: Keyv<StoredButtons>): Buttons {
  return {
    async publish({ buttons = [], choices = [], ...draft }, { owner, locale, opened = [] }) {
      const actions = [...buttons, ...choices].map(({ action }) => action);
      if (actions.length === 0) return draft;
      if (actions.length > MAX_ACTIONS) {
        throw new RangeError(`Expected at most ${MAX_ACTIONS} buttons and choices, got ${actions.length}.`);
      }
      const id = randomBytes(9).toString('base64url');
      // One record for each reply. The last character of a handle is the index of its action.
      const handle = (place: number): string => id + place.toString(MAX_ACTIONS);
      const lifetime = actions.some(({ kind }) => kind === 'steer-reindex')
        ? STEER_LIFETIME_MS
        : BUTTONS_LIFETIME_MS;
      await store.set(id, { owner, locale, spoiler: draft.spoiler === true, opened, actions }, lifetime);
      return {
        ...draft,
        buttons: buttons.map(({ label, danger }, place) => ({
          handle: handle(place),
          label: truncate(label, MAX_LABEL_LENGTH),
          ...(danger !== undefined && { danger }),
        })),
        choices: choices.map(({ label, options }, place) => ({
          handle: handle(buttons.length + place),
          label,
          options,
        })),
      };
    },

    async find(handle) {
      if (!/^[\w-]{12}[0-9a-z]$/.test(handle)) return undefined;
      const stored = await store.get(handle.slice(0, -1));
      const action = stored?.actions[parseInt(handle.slice(-1), MAX_ACTIONS)];
      return stored && action && { ...stored, action };
    },

    async discard(handle) {
      await store.delete(handle.slice(0, -1));
    },

    async forget(person) {
      const ids: string[] = [];
      const galleries: string[] = [];
      for await (const [id, { owner, opened }] of entriesOf(store)) {
        if (owner !== person) continue;
        ids.push(id);
        galleries.push(...opened);
      }
      for (const id of ids) await store.delete(id);
      return { replies: ids.length, galleries };
    },
  };
}
