import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LOCALES, translations } from './chat-fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LANGUAGES = ['de', 'en', 'es', 'fr', 'hi', 'ja'];
const FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'];

const texts = new Map(
  LANGUAGES.map((language) => [
    language,
    JSON.parse(readFileSync(join(LOCALES, `${language}.json`), 'utf8')) as Record<string, string>,
  ]),
);

describe('the languages', () => {
  it('are the six that are supported', () => {
    expect(translations.languages).toEqual(LANGUAGES);
  });

  it.each(LANGUAGES)('%s has every text, each with the plural forms of that language', (language) => {
    const plural = new Set(pluralKeys());
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const expected = baseKeys().flatMap((key) =>
      plural.has(key) ? forms.map((form) => `${key}_${form}`) : [key],
    );
    expect(Object.keys(texts.get(language) ?? {}).sort()).toEqual(expected.sort());
  });

  it.each(LANGUAGES)('%s has every placeholder of every text and no other', (language) => {
    for (const [key, text] of Object.entries(texts.get(language) ?? {})) {
      const english = texts.get('en')?.[key] ?? texts.get('en')?.[`${baseOf(key)}_other`] ?? '';
      expect(placeholdersOf(text), `${language} ${key}`).toEqual(placeholdersOf(english));
    }
  });

  it.each(LANGUAGES)('%s is written: no empty text, no stray spaces, no em dash', (language) => {
    for (const [key, text] of Object.entries(texts.get(language) ?? {})) {
      expect(text.trim(), key).toBe(text);
      expect(text.length, key).toBeGreaterThan(0);
      expect(text, key).not.toMatch(/\u2014|  /);
    }
  });

  it.each(LANGUAGES)('%s fits where it is shown', (language) => {
    for (const [key, text] of Object.entries(texts.get(language) ?? {})) {
      // A notice has 200 characters, and values take some.
      if (/^(notice|problem|limit|error)\./.test(key)) expect(text.length, key).toBeLessThanOrEqual(190);
      if (/^(button|label)\./.test(key)) expect(text.length, key).toBeLessThanOrEqual(80);
      if (/^(command|option)\./.test(key)) expect(text.length, key).toBeLessThanOrEqual(100);
    }
  });

  it('differ from English', () => {
    const english = texts.get('en') ?? {};
    for (const language of LANGUAGES.filter((other) => other !== 'en')) {
      const same = Object.entries(texts.get(language) ?? {}).filter(([key, text]) => english[key] === text);
      expect(same.length, `${language}: ${same.map(([key]) => key).join(', ')}`).toBeLessThanOrEqual(8);
    }
  });
});

describe('the code', () => {
  const used = usedKeys();

  it('uses every text', () => {
    expect(baseKeys().filter((key) => !used.has(key))).toEqual([]);
  });

  it('uses no text that does not exist', () => {
    const known = new Set(baseKeys());
    const families = new Set(baseKeys().map((key) => key.split('.')[0]));
    const unknown = [...used].filter((key) => families.has(key.split('.')[0]) && !known.has(key));
    expect(unknown).toEqual([]);
    expect(used.size).toBeGreaterThan(100);
  });

  it('has the similarity words of every shipped model in every language', () => {
    const models = readdirSync(join(root, 'assets', 'models'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(models.length).toBeGreaterThan(0);
    for (const { name } of models) {
      const manifest = JSON.parse(
        readFileSync(join(root, 'assets', 'models', name, 'manifest.json'), 'utf8'),
      ) as { similarity?: { words: { word: string }[] } };
      // A finder says nothing of likeness.
      for (const { word } of manifest.similarity?.words ?? []) {
        expect(texts.get('en'), word).toHaveProperty([`likeness.${word.replaceAll(' ', '-')}`], word);
      }
    }
  });
});

describe('a locale', () => {
  it.each([
    ['en-GB', 'en'],
    ['en_US', 'en'],
    ['pt-BR', 'en'],
    ['es-419', 'es'],
    ['es-ES', 'es'],
    ['DE', 'de'],
    ['de-CH-1996', 'de'],
    ['zh', 'en'],
    ['zh-Hant-TW', 'en'],
    ['ja', 'ja'],
    ['', 'en'],
    ['no locale at all', 'en'],
    ['constructor', 'en'],
  ])('%s speaks %s', (locale, language) => {
    expect(translations.for(locale).language).toBe(language);
  });
});

describe('a text', () => {
  it('follows the grammar of its language', () => {
    const [en, de, fr, ja] = ['en', 'de', 'fr', 'ja'].map((language) => translations.for(language)) as [
      ReturnType<typeof translations.for>,
      ReturnType<typeof translations.for>,
      ReturnType<typeof translations.for>,
      ReturnType<typeof translations.for>,
    ];
    expect(en.say('detail.alike', { count: 1200 })).toBe('+1,200 alike');
    expect(de.say('detail.alike', { count: 1 })).toBe('+1 gleicher');
    expect(de.say('detail.alike', { count: 1200 })).toBe('+1.200 gleiche');
    expect(fr.say('status.items', { count: 0 })).toBe('0 article');
    expect(fr.say('status.items', { count: 1_000_000 })).toMatch(/^1\s000\s000 d’articles$/);
    expect(ja.say('status.items', { count: 44_441 })).toBe('44,441点');
    expect(en.when(1)).toBe('in 1 second');
    expect(en.when(0.2)).toBe('in 1 second');
    expect(de.when(119)).toBe('in 119 Sekunden');
    expect(en.when(121)).toBe('in 3 minutes');
    // How units are shortened differs between versions of ICU.
    expect(en.duration(0)).toMatch(/^0 secs?$/);
    expect(en.duration(3600)).toBe('1 hr');
    expect(en.duration(90_061)).toBe('1 day 1 hr');
    expect(de.duration(75)).toMatch(/^1 Min\.? 15 Sek\.?$/);
    expect(en.moment(new Date(0))).toMatch(/^1 Jan 1970,? (at )?00:00 UTC$/);
    expect(fr.score(0.8667)).toBe('0,87');
    expect(en.list(['a', 'b', 'c'])).toBe('a, b and c');
  });

  it('inserts values unchanged, whatever they contain', () => {
    for (const title of ['$t(help.intro)', '{{count}}', '<b>"&\'</b>', '*bold*']) {
      expect(translations.for('en').say('answer.like', { title })).toBe(`More like “${title}”`);
    }
  });
});

// --- Internal helpers ---

function baseOf(key: string): string {
  const [base = key, form = ''] = key.split('_');
  return FORMS.includes(form) ? base : key;
}

/** Keys without their plural forms, as code writes them. */
function baseKeys(): string[] {
  return [...new Set(Object.keys(texts.get('en') ?? {}).map(baseOf))];
}

function pluralKeys(): string[] {
  return Object.keys(texts.get('en') ?? {})
    .filter((key) => baseOf(key) !== key)
    .map(baseOf);
}

function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{\{([^}]+)\}\}/g)].map(([, inner = '']) => inner).sort();
}

/** Quoted strings of the form `family.name` in all sources. */
function usedKeys(): Set<string> {
  const keys = new Set<string>();
  for (const folder of ['src', 'commands']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const source = readFileSync(join(root, folder, name), 'utf8');
      for (const [, key = ''] of source.matchAll(/'([a-z]+\.[a-z][a-z-]*)'/g)) keys.add(key);
    }
  }
  return keys;
}
