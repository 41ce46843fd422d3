/** Decodes the names of the entries of a zip file. Old programs write them in the character set of their machine and say nothing. */

import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { type Entry, getFileNameLowLevel } from 'yauzl';

/** A name that is known, or the bytes of one whose character set is not. */
export type ZipName = string | Uint8Array;

/** Known when it is ASCII, flagged as UTF-8, or written in the field for Unicode names. */
export function zipName({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): ZipName {
  const isKnown =
    (generalPurposeBitFlag & UTF_8_FLAG) !== 0 ||
    extraFields.some(({ id }) => id === UNICODE_PATH) ||
    fileNameRaw.every((byte) => byte < 0x80);
  return isKnown
    ? getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false).replaceAll('\\', '/')
    : Uint8Array.from(fileNameRaw);
}

/**
 * All names of one zip file have the same character set: UTF-8 (some programs do not set its flag), GBK, Shift-JIS, CP437 or
 * Windows-1252, whichever fits all of them. If none does, parts that are not ASCII become `unnamed-` and their bytes in hex, so
 * that no wrong name is shown.
 */
export function decodeZipNames(names: readonly ZipName[]): string[] {
  const unknown = names.filter((name) => typeof name !== 'string');
  const charset = unknown.length > 0 ? charsetOf(unknown) : undefined;
  return names.map((name) => {
    if (typeof name === 'string') return name;
    if (charset !== undefined) return iconv.decode(Buffer.from(name), charset).replaceAll('\\', '/');
    return withoutUnknown(name);
  });
}

/** Whether `decodeZipNames` could not decode this part of a name. */
export function isUnnamed(part: string): boolean {
  return /^unnamed-[0-9a-f]+(\.\w+)?$/.test(part);
}

// --- Internal helpers ---

// APPNOTE.TXT 6.3.10, sections 4.4.4 (bit 11) and 4.6.9.
const UTF_8_FLAG = 0x800;
const UNICODE_PATH = 0x7075;

/** Above this share of bytes that are not ASCII, a text in a Latin script would hardly have any plain letter. */
const MOST_ACCENTS = 0.45;

function charsetOf(names: readonly Uint8Array[]): string | undefined {
  if (names.every(isUtf8)) return 'utf-8';
  const all = names.map((name) => Buffer.from(name));
  const letters = all.reduce((sum, name) => sum + name.filter(isLetter).length, 0);
  const high = all.reduce((sum, name) => sum + name.filter((byte) => byte >= 0x80).length, 0);
  const isLatin = high / (high + letters) <= MOST_ACCENTS;
  if (isLatin && all.every((name) => name.every((byte) => byte < 0x80 || isCp437Letter(byte))))
    return 'cp437';
  if (all.every(isGb2312)) return 'gbk';
  if (isLatin && all.every((name) => name.every((byte) => byte < 0x80 || isWindowsLetter(byte))))
    return 'windows-1252';
  if (all.every((name) => isDoubleByte(name, 'shift_jis', isShiftJisLead))) return 'shift_jis';
  if (all.every((name) => isDoubleByte(name, 'gbk', (byte) => byte >= 0x81 && byte <= 0xfe))) return 'gbk';
  return undefined;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** Letters with accents, and the sharp s. Everything else from 0x80 on draws boxes or is a sign. */
function isCp437Letter(byte: number): boolean {
  return (byte >= 0x80 && byte <= 0x9a) || (byte >= 0xa0 && byte <= 0xa5) || byte === 0xe1;
}

function isWindowsLetter(byte: number): boolean {
  return (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) || [0x8a, 0x8e, 0x9a, 0x9e, 0x9f].includes(byte);
}

/** Whether all characters that are not ASCII are among the 7,445 common ones. */
function isGb2312(name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at++) {
    const byte = name[at]!;
    if (byte < 0x80) continue;
    const trail = name[++at] ?? 0;
    if (byte < 0xa1 || byte > 0xf7 || trail < 0xa1) return false;
  }
  return true;
}

function isShiftJisLead(byte: number): boolean {
  return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xef);
}

/** Whether every character is ASCII or a pair of bytes that the character set knows. */
function isDoubleByte(name: Uint8Array, charset: string, isLead: (byte: number) => boolean): boolean {
  for (let at = 0; at < name.length; at++) {
    const byte = name[at]!;
    if (byte < 0x80) continue;
    if (!isLead(byte)) return false;
    const pair = iconv.decode(Buffer.from(name.subarray(at, at + 2)), charset);
    // A character for private use has no meaning that could be shown.
    if (pair.length !== 1 || /[\ufffd\ue000-\uf8ff]/.test(pair)) return false;
    at++;
  }
  return true;
}

function withoutUnknown(name: Uint8Array): string {
  const parts = Buffer.from(name).toString('latin1').replaceAll('\\', '/').split('/');
  return parts
    .map((part) => {
      if (!/[^\0-\x7f]/.test(part)) return part;
      const [, stem = part, extension = ''] = /^(.*?)(\.\w{1,5})?$/s.exec(part) ?? [];
      return `unnamed-${Buffer.from(stem, 'latin1').toString('hex')}${extension}`;
    })
    .join('/');
}
