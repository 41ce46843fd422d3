/** Lists the settings in which two runs differ, with both values. */

/** @param before and `now`: settings as JSON. */
export function differingSettings(before: string, now: string): string[] {
  const [earlier, current] = [before, now].map((text) => new Map(valuesIn(JSON.parse(text))));
  return [...new Map([...earlier!, ...current!]).keys()]
    .filter((name) => earlier!.get(name) !== current!.get(name))
    .map(
      (name) => `${name}: ${earlier!.get(name) ?? 'not set'} before, ${current!.get(name) ?? 'not set'} now`,
    );
}

// --- Internal helpers ---

/** Every value with its path, such as `length.steps`. */
function valuesIn(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path.join('.'), JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) => valuesIn(inner, [...path, name]));
}
