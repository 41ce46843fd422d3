import { afterEach, expect, it } from 'vitest';
import { COLOURS } from '../../scenarios/colour-photo.ts';
import { type OpenDoor, openDoor, photo } from './open-door.ts';

let door: OpenDoor;

afterEach(async () => {
  await door.close();
});

it('counts each guild separately, and replaces the public "is thinking" of a command by a notice that only that person sees', async () => {
  const limits = { person: undefined, community: { count: 1, seconds: 600 }, presses: undefined };
  door = await openDoor({ bot: { limits } });
  const { fake, ana, mia, channel } = door;
  const other = fake.guild('Atelier');
  other.join(ana);
  const elsewhere = other.textChannel('outfits');
  await door.adapter.start();
  await fake.waitFor('the commands', () => fake.bot.commands().length > 0);

  await ana.post(channel, { mention: ['bot'], files: [await photo()] });
  expect((await door.answer()).gallery).toHaveLength(5);
  const refused = await mia.slash('find', { photo: await photo(COLOURS.alsoNear) }, { in: channel });
  await fake.waitFor('the refusal', () => refused.followUps.length === 1);
  expect(refused.followUps[0]).toMatchObject({ ephemeralTo: mia.id });
  expect(refused.followUps[0]?.text).toMatch(/Many photos were sent here.*in 10 minutes/);
  expect(refused.response?.deleted).toBe(true);

  await ana.post(elsewhere, { mention: ['bot'], files: [await photo()] });
  expect((await door.answer(1, elsewhere)).gallery).toHaveLength(5);
  // The limit is announced once; further posts get no answer.
  await ana.post(channel, { mention: ['bot'], files: [await photo()] });
  const open = () => fake.bot.messagesIn(channel).filter(({ ephemeralTo }) => ephemeralTo === null);
  const notice = await fake.waitFor('the line', () => open()[1]);
  expect(notice.text).toMatch(/Many photos were sent here/);
  await ana.post(channel, { mention: ['bot'], files: [await photo()] });
  await door.adapter.stop();
  expect(open()).toHaveLength(2);
});

it('answers a picture that it has seen before without embedding it again', async () => {
  door = await openDoor();
  await door.adapter.start();
  const { ana, mia, channel, bot } = door;
  const same = await photo();
  await ana.post(channel, { mention: ['bot'], files: [same] });
  await door.answer();
  await mia.post(channel, { mention: ['bot'], files: [same] });
  expect((await door.answer(2)).gallery).toHaveLength(5);
  expect(await bot.metrics.render()).toMatch(/fashion_stage_duration_seconds_count\{stage="embed"\} 1\b/);
});
