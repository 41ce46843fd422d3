/** Decodes a text file of unknown encoding. */

/**
 * Reads UTF-8 with or without a byte order mark, UTF-16 with one, and otherwise Windows-1252, which older spreadsheets write.
 * UTF-8 with a few broken bytes is still read as UTF-8; those bytes become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const text = new TextDecoder('utf-8').decode(bytes);
  const broken = count(text, /\ufffd/g);
  const intact = count(text, /[^\0-\x7f\ufffd]/gu);
  return broken > intact ? new TextDecoder('windows-1252').decode(bytes) : text;
}

// --- Internal helpers ---

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
