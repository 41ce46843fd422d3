import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createGallerySessions,
  SESSION_LIFETIME_MS,
  type StoredSession,
} from '../../src/recommend/gallery-sessions.ts';
import { COLOUR_FINGERPRINT } from '../fakes/colour-embedder.ts';

describe('gallery sessions', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = () => {
    const records = new Map();
    const store = new Keyv<StoredSession>({ store: records });
    return { records, store, sessions: createGallerySessions(store, COLOUR_FINGERPRINT) };
  };

  it('give back exactly the vector under an unguessable handle', async () => {
    const { sessions } = open();
    const embedding = Float32Array.of(0.1, -2.5, 3e-9);
    const ids = [await sessions.open({ embedding }), await sessions.open({ embedding, without: 'ítem/1' })];
    expect(ids[0]).toMatch(/^[\w-]{16}$/);
    expect(ids[0]).not.toBe(ids[1]);
    expect(await sessions.get(ids[0]!)).toEqual({ embedding });
    expect(await sessions.get(ids[1]!)).toEqual({ embedding, without: 'ítem/1' });
  });

  it('know nothing of handles that were never given out, whatever they look like', async () => {
    const { sessions } = open();
    for (const id of ['', 'x', '../../etc/passwd', 'a'.repeat(16), 'a'.repeat(5000)]) {
      expect(await sessions.get(id)).toBeUndefined();
    }
  });

  it('are unknown to another model, whose embeddings theirs cannot be compared with', async () => {
    const { records, sessions, store } = open();
    const id = await sessions.open({ embedding: Float32Array.of(1) });
    const upgraded = createGallerySessions(store, { ...COLOUR_FINGERPRINT, version: 'next' });
    expect(await upgraded.get(id)).toBeUndefined();
    expect(records.size).toBe(1);
    expect(await sessions.get(id)).toBeDefined();
  });

  it('end after an hour, and a sweep takes them out of the store', async () => {
    const { sessions, records } = open();
    const id = await sessions.open({ embedding: Float32Array.of(1) });
    vi.advanceTimersByTime(SESSION_LIFETIME_MS - 1);
    expect(await sessions.get(id)).toBeDefined();
    await sessions.sweep();
    expect(records.size).toBe(1);
    vi.advanceTimersByTime(2);
    await sessions.sweep();
    expect(records.size).toBe(0);
    expect(await sessions.get(id)).toBeUndefined();
  });
});
