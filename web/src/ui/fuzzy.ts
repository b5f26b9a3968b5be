// Finding a name from a few letters of it, in order: "lidl" finds Liddell. Letters at the beginning of words and next to
// each other count for more.

/** How well [wanted] fits [text]; null where its letters aren't all there in this order. */
export function fit(wanted: string, text: string): number | null {
  const [letters, within] = [wanted.toLowerCase().replace(/\s+/g, ''), text.toLowerCase()];
  let score = 0;
  let from = 0;
  let before = -2;
  for (const letter of letters) {
    const at = within.indexOf(letter, from);
    if (at < 0) return null;
    if (at === before + 1) score += 3;
    if (at === 0 || /[\s\-/#_]/.test(within[at - 1] ?? '')) score += 4;
    score -= Math.min(3, (at - from) / 4);
    before = at;
    from = at + 1;
  }
  return score - within.length / 100;
}

/** The best [most] of [items] by any of their texts. */
export function search<T>(wanted: string, items: readonly T[], texts: (item: T) => readonly string[], most: number): T[] {
  const scored = items.flatMap((item) => {
    const best = texts(item).reduce<number | null>((score, text) => {
      const own = fit(wanted, text);
      return own !== null && (score === null || own > score) ? own : score;
    }, null);
    return best === null ? [] : [{ item, best }];
  });
  return scored.sort((a, b) => b.best - a.best).slice(0, most).map(({ item }) => item);
}
