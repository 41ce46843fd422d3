/**
 * What became of each piece of one reply (its album, each of its texts). It is kept with the reply, so that neither a lost
 * answer nor a dead process has a piece sent twice or not at all.
 */

export type PieceState =
  /** Handed to Telegram, which may have sent it: as messages of that chat above `after`. */
  | { readonly state: 'given'; readonly chat: number; readonly after: number }
  /** Stands in the chat. */
  | { readonly state: 'sent'; readonly chat: number; readonly ids: readonly number[] }
  /** Could not be sent; the reply goes without it. */
  | { readonly state: 'left-out' };

/** By the piece's name. */
export type Pieces = Readonly<Record<string, PieceState>>;

export interface DeliveryLog {
  of(piece: string): PieceState | undefined;
  /** Resolves when it is kept; only then may the piece be handed to Telegram. */
  giving(piece: string, chat: number, after: number): Promise<void>;
  /** Telegram surely did not send it. */
  takenBack(piece: string): Promise<void>;
  /** Kept with the next piece: a process that dies before it finds this one given, looks for it, and finds it. */
  sent(piece: string, chat: number, ids: readonly number[]): void;
  /** Kept with the next piece. */
  leftOut(piece: string): void;
  pieces(): Pieces;
}

/** @param keep writes all of it. */
export function createDeliveryLog(earlier: Pieces, keep: (pieces: Pieces) => Promise<void>): DeliveryLog {
  const pieces = new Map<string, PieceState>(Object.entries(earlier));
  const all = (): Pieces => Object.fromEntries(pieces);
  return {
    of: (piece) => pieces.get(piece),
    async giving(piece, chat, after) {
      // A second try may be either of them.
      if (pieces.get(piece)?.state === 'given') return;
      pieces.set(piece, { state: 'given', chat, after });
      await keep(all());
    },
    async takenBack(piece) {
      pieces.delete(piece);
      await keep(all());
    },
    sent(piece, chat, ids) {
      pieces.set(piece, { state: 'sent', chat, ids });
    },
    leftOut(piece) {
      pieces.set(piece, { state: 'left-out' });
    },
    pieces: all,
  };
}
