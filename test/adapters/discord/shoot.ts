/**
 * Takes screenshots of each kind of answer as people on Discord see it, with the real model and the demo inventory.
 * `npx tsx test/adapters/discord/shoot.ts FOLDER [FONT ...]` writes one PNG per answer. It needs Chromium.
 * Font files (woff) add scripts that the machine has no font for, for example npm's `@fontsource/noto-sans-jp`.
 */

import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { renderChannel } from '../../fakes/discord/render.ts';
import type { Person, Photo, PostOptions, Where } from '../../scenarios/door-driver.ts';
import { sharedPath } from '../../shared-data.ts';
import { assetsFolder } from '../../shipped-model.ts';
import { createRealBot } from '../real-bot.ts';
import { openBrowser } from '../web/open-browser.ts';
import { openDiscordDoor } from './discord-driver.ts';

const [target = 'shots', ...fontFiles] = process.argv.slice(2);
const folder = resolve(target);
const fonts = await Promise.all(fontFiles.map((path) => readFile(path, 'base64')));
await mkdir(folder, { recursive: true });
const bot = await createRealBot();
const driver = await openDiscordDoor(bot);
await driver.start();
const browser = await openBrowser();
const page = await browser.newPage({ viewport: { width: 760, height: 500 } });

async function shoot(name: string, where: Where, person: Person): Promise<void> {
  const viewer = driver.userOf(person);
  await page.setContent(renderChannel(driver.fake, driver.channelOf(where, person), { viewer }));
  await page.addStyleTag({ content: fontStyle() });
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  console.log(`${name}.png`);
}

function fontStyle(): string {
  const faces = fonts.map(
    (bytes, n) => `@font-face { font-family: Given${n}; src: url(data:font/woff;base64,${bytes}) }`,
  );
  const names = ['sans-serif', ...fonts.map((_, n) => `Given${n}`)].join(', ');
  return `${faces.join('\n')} * { font-family: ${names} !important }`;
}

const sample = async (name: string): Promise<Photo> => ({
  name,
  type: 'image/jpeg',
  bytes: await readFile(join(assetsFolder, 'web', 'samples', name)),
});
const shared = async (name: string): Promise<Photo> => ({
  name,
  type: 'image/jpeg',
  bytes: await readFile(sharedPath('photos', name)),
});

/** Posts photos in the direct chat of a new person, and waits for the answer. */
async function ask(name: string, photos: readonly Photo[], options?: PostOptions, language = 'en') {
  const person = driver.person(name, { language });
  // Discord sends the language of a person only with commands.
  if (language !== 'en') await command(person, 'help', 1);
  await driver.post(person, 'direct', photos, options);
  const answer = await driver.answer('direct', person, language === 'en' ? 1 : 2);
  return { person, answer };
}

async function command(person: Person, name: string, n: number): Promise<void> {
  await driver.command(person, 'direct', name);
  await driver.answer('direct', person, n);
}

for (const language of ['en', 'hi', 'ja']) {
  const { person } = await ask(`gallery ${language}`, [await sample('dress.jpg')], {}, language);
  await shoot(`gallery-${language}`, 'direct', person);
}
const several = await ask('several', [
  await sample('dress.jpg'),
  await sample('shoes.jpg'),
  await sample('t-shirt.jpg'),
]);
await shoot('several-photos', 'direct', several.person);

const hidden = await ask('spoiler', [await sample('shirt.jpg')], { spoiler: true });
await shoot('spoiler', 'direct', hidden.person);

const weak = await ask('weak', [await shared('bottle.jpg')]);
await shoot('weak', 'direct', weak.person);
await driver.click(weak.person, weak.answer, 'Show the nearest anyway');
await driver.until(() => driver.answers('direct', weak.person)[0]?.pictures.length === 5, 'the pictures');
await shoot('weak-shown', 'direct', weak.person);

const more = await ask('more', [await sample('shoes.jpg')]);
await driver.click(more.person, more.answer, 'More');
await driver.answer('direct', more.person, 2);
await driver.click(more.person, more.answer, 'Like 2');
await driver.answer('direct', more.person, 3);
await shoot('more-and-like', 'direct', more.person);

const wrong = await ask('wrong', [{ name: 'notes.txt', type: 'text/plain', bytes: Buffer.from('words') }]);
await driver.say(wrong.person, 'direct', 'hello');
await driver.answer('direct', wrong.person, 2);
await shoot('refusals', 'direct', wrong.person);

for (const language of ['en', 'ja']) {
  const person = driver.person(`commands ${language}`, { language });
  for (const [place, name] of ['help', 'status', 'privacy', 'forget'].entries())
    await command(person, name, place + 1);
  await shoot(`commands-${language}`, 'direct', person);
}

const moderator = driver.person('moderator', { moderator: true });
await driver.command(moderator, 'group', 'mode', 'auto');
await driver.answer('group', moderator, 1);
await driver.command(moderator, 'group', 'reindex');
await driver.answer('group', moderator, 2);
await shoot('reindex-running', 'group', moderator);
const last = () => driver.answers('group', moderator).at(-1);
await driver
  .until(() => /finished|failed/.test(last()?.text ?? ''), 'the end of the reindex')
  .catch(() => undefined);
await shoot('reindex-over', 'group', moderator);

await browser.close();
await driver.close();
await bot.close();
