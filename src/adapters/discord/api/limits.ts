/** Discord's limits that this door observes. Sources: pages of the official documentation, by title. */

const MINUTE = 60_000;

/** Refusal COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED: characters of all texts of a message, markup included. */
export const MAX_TEXT = 4000;
/** Component Reference, "Media Gallery": alt text. */
export const MAX_ALT_TEXT = 1024;
/** Opcodes and Status Codes, 30015: files of one message. */
export const MAX_FILES = 10;
/** Component Reference, "Action Row". */
export const MAX_IN_ROW = 5;
/** API Reference, APPLICATION_COMMAND_TOO_LARGE: characters of names, descriptions and values together. */
export const MAX_COMMAND_SIZE = 8000;
/** The typing indicator lasts 10 s, so it is shown again a little earlier. */
export const TYPING_REPEAT_MS = 8000;
/** Interactions must be acknowledged within 3 s. More than half of that is left for the network. */
export const ACKNOWLEDGE_MS = 1200;
/** The token of an interaction is valid for 15 minutes. One of them is left for the network. */
export const TOKEN_LIFE_MS = 14 * MINUTE;
/** Gateway, "Session Start Limit": one login in 5 s for each place of `max_concurrency`. */
export const IDENTIFY_SPACING_MS = 5250;
