/** Every text for people, in the languages of `assets/locales/`. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type TFunction } from 'i18next';
import type { Localised } from './command-info.ts';

export type TextValues = Readonly<Record<string, string | number>>;

/** One language. */
export interface Texts {
  /** For example `de`. */
  readonly language: string;
  /** @param values for the placeholders; `count` also chooses the plural form. */
  say(key: string, values?: TextValues): string;
  /** For example `1,234`. */
  number(value: number): string;
  /** A cosine with two digits, for example `0.87`. */
  score(cosine: number): string;
  /** For example `42%`. @param share 0 to 1. */
  percent(share: number): string;
  /** For example `in 5 seconds`, in whole minutes from two minutes on. */
  when(seconds: number): string;
  /** For example `3 min 5 sec`. */
  duration(seconds: number): string;
  /** For example `3, 4 and 5`. */
  list(parts: readonly string[]): string;
  /** Date and time in UTC. */
  moment(date: Date): string;
}

export interface Translations {
  /** `en` and the others. */
  readonly languages: readonly string[];
  /** The nearest language to a BCP 47 tag such as `es-419`; English where there is none. */
  for(locale: string): Texts;
  /** One text in every language. */
  all(key: string, values?: TextValues): Localised;
}

export const FALLBACK_LANGUAGE = 'en';

/** Reads `<language>.json` files of one flat object each: key to text, plural forms with i18next's suffixes. */
export function loadTranslations(folder: string): Translations {
  const resources = Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => {
        const texts = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, string>;
        return [name.replace(/\.json$/, ''), { translation: texts }];
      }),
  );
  const i18n = createInstance({
    resources,
    fallbackLng: FALLBACK_LANGUAGE,
    initAsync: false,
    // Keys hold dots, and texts go to platforms that do their own escaping.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  void i18n.init();
  const languages = Object.keys(resources).sort();
  const byLanguage = new Map(
    languages.map((language) => [language, createTexts(language, i18n.getFixedT(language))]),
  );

  function textsFor(locale: string): Texts {
    const texts = byLanguage.get(languageOf(locale)) ?? byLanguage.get(FALLBACK_LANGUAGE);
    if (!texts) throw new Error(`Expected ${FALLBACK_LANGUAGE}.json among the texts in ${folder}.`);
    return texts;
  }

  return {
    languages,
    for: textsFor,
    all: (key, values) =>
      Object.fromEntries(languages.map((language) => [language, textsFor(language).say(key, values)])),
  };
}

// --- Internal helpers ---

/** `pt-BR` and `pt_BR` are both `pt`. Empty for anything that is no language tag. */
function languageOf(locale: string): string {
  try {
    return new Intl.Locale(locale.replaceAll('_', '-')).language;
  } catch {
    return '';
  }
}

function createTexts(language: string, translate: TFunction): Texts {
  // The English texts are British, so their dates and lists are, too.
  const region = language === 'en' ? 'en-GB' : language;
  const number = new Intl.NumberFormat(region);
  const score = new Intl.NumberFormat(region, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(region, { style: 'percent' });
  const relative = new Intl.RelativeTimeFormat(region);
  const list = new Intl.ListFormat(region);
  const moment = new Intl.DateTimeFormat(region, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return {
    language,
    say: (key, values = {}) => translate(key, { ...values }),
    number: (value) => number.format(value),
    score: (cosine) => score.format(cosine),
    percent: (share) => percent.format(share),
    when: (seconds) =>
      seconds < 120
        ? relative.format(Math.ceil(seconds), 'second')
        : relative.format(Math.ceil(seconds / 60), 'minute'),
    duration: (seconds) => duration(region, seconds),
    list: (parts) => list.format(parts),
    moment: (date) => `${moment.format(date)} UTC`,
  };
}

/** The two largest units that are not zero. */
function duration(region: string, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    ['day', Math.floor(whole / 86_400)],
    ['hour', Math.floor(whole / 3600) % 24],
    ['minute', Math.floor(whole / 60) % 60],
    ['second', whole % 60],
  ] as const;
  const first = parts.findIndex(([, value]) => value > 0);
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown
    .filter(([, value], place) => place === 0 || value > 0)
    .map(([unit, value]) =>
      new Intl.NumberFormat(region, { style: 'unit', unit, unitDisplay: 'short' }).format(value),
    )
    .join(' ');
}
