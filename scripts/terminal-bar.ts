/** A progress bar that never takes more than one line of the terminal. */

import { type Options, type Params, SingleBar } from 'cli-progress';

export interface TerminalBarOptions {
  readonly stream: NodeJS.WriteStream;
  /** The facts behind the bar, most important first; those that do not fit are left out from the end. */
  readonly facts: (payload: Readonly<Record<string, string>>, params: Params) => readonly string[];
}

const MAX_BAR = 40;
const MIN_BAR = 10;
/** Of a stream that does not say. */
const DEFAULT_COLUMNS = 80;

/** The payload's `title` stands before the bar. */
export function createTerminalBar({ stream, facts }: TerminalBarOptions): SingleBar {
  return new SingleBar({
    stream,
    format: (_: Options, params: Params, payload: Record<string, string>) =>
      barLine({
        columns: stream.columns || DEFAULT_COLUMNS,
        title: payload.title ?? '',
        progress: params.progress,
        facts: facts(payload, params),
      }),
    hideCursor: true,
    fps: 5,
    // Ctrl-C belongs to the script, which finishes in order.
    gracefulExit: false,
  });
}

export interface BarLine {
  /** Width of the terminal, in characters. */
  readonly columns: number;
  readonly title: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly facts: readonly string[];
}

/** `Title [████░░] fact | fact`, one character shorter than the terminal is wide, so that it never wraps. */
export function barLine({ columns, title, progress, facts }: BarLine): string {
  const room = columns - 1;
  for (let shown = facts.length; shown > 0; shown--) {
    const text = facts.slice(0, shown).join(' | ');
    const width = Math.min(MAX_BAR, room - title.length - text.length - ' [] '.length);
    if (width < MIN_BAR) continue;
    const full = Math.round(width * Math.min(1, Math.max(0, progress)));
    return `${title} [${'█'.repeat(full)}${'░'.repeat(width - full)}] ${text}`;
  }
  return `${title} ${facts[0] ?? ''}`.slice(0, Math.max(0, room));
}
