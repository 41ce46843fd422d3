/** In which settings two runs differ, each with the value of both. */

/** @param there and `asked`: settings as JSON. */
export function differingSettings(there: string, asked: string): string[] {
  const [one, other] = [there, asked].map((text) => new Map(valuesIn(JSON.parse(text))));
  return [...new Map([...one!, ...other!]).keys()]
    .filter((name) => one!.get(name) !== other!.get(name))
    .map((name) => `${name}: ${one!.get(name) ?? 'none'} there, ${other!.get(name) ?? 'none'} asked`);
}

// --- Internal helpers ---

/** Those of objects inside of it by their path, such as `length.steps`. */
function valuesIn(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path.join('.'), JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) => valuesIn(inner, [...path, name]));
}
