import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenDoor, openDoor, photo } from './open-door.ts';

let door: OpenDoor;

afterEach(async () => {
  await door.close();
});

describe('somebody asks', () => {
  beforeEach(async () => {
    door = await openDoor();
    await door.adapter.start();
  });

  it('with a photo in a direct message', async () => {
    const { fake, ana } = door;
    const post = await ana.dm({ files: [await photo()] });
    const answer = await fake.waitFor('the answer', () => fake.bot.directMessages(ana)[0]);
    expect(answer.gallery).toHaveLength(5);
    expect(answer.replyTo).toBe(post.id);
  });

  it('with the menu of a message', async () => {
    const { fake, ana, channel } = door;
    await fake.waitFor('the commands', () => fake.bot.commands().length > 0 || undefined);
    const post = await ana.post(channel, { files: [await photo()] });
    const seen = ana.contextMenu('Find similar items', post);
    await fake.waitFor('the answer', () => seen.status === 'answered' || undefined);
    expect(seen.response?.gallery).toHaveLength(5);
  });
});
