/** Reads the parameters of a call as the Bot API server does: every parameter is text until it is parsed. */
import { badRequest } from './api-error.ts';

export interface UploadedFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface Parameters {
  /** Values by name; objects and arrays are JSON text, whatever the body's format was. */
  readonly fields: ReadonlyMap<string, string>;
  /** Multipart parts by field name. */
  readonly files: ReadonlyMap<string, UploadedFile>;
}

export type JsonObject = Record<string, unknown>;

export function text(parameters: Parameters, name: string): string {
  return parameters.fields.get(name) ?? '';
}

/** Throws 400 when the parameter is absent or empty. */
export function requiredText(parameters: Parameters, name: string): string {
  const value = text(parameters, name);
  if (value === '') throw badRequest(`parameter "${name}" is required`);
  return value;
}

export function flag(parameters: Parameters, name: string): boolean {
  return ['true', 'yes', '1'].includes(text(parameters, name).trim().toLowerCase());
}

/** The integer, clamped to the range; the server reads rubbish as 0 and so does this. */
export function integer(
  parameters: Parameters,
  name: string,
  fallback: number,
  minimum = -Infinity,
  maximum = Infinity,
): number {
  const value = text(parameters, name);
  const parsed = value === '' ? fallback : Number.parseInt(value, 10) || 0;
  return Math.min(Math.max(parsed, minimum), maximum);
}

/** The parsed JSON value, or undefined when the parameter is absent; throws 400 naming `label` when it does not parse. */
export function json(parameters: Parameters, name: string, label: string): unknown {
  const value = text(parameters, name);
  if (value === '') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw badRequest(`can't parse ${label} JSON object`);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many characters, as Unicode code points. */
export function characters(value: string): number {
  return Array.from(value).length;
}

/** A text field of an object; numbers become text, anything else counts as absent. */
export function textField(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}
