/** Most letters that may differ in a suggestion. */
const DISTANCE_LIMIT = 3;

/**
 * Up to `limit` of `candidates` that are spelled nearly as `name`, the nearest first; at most `furthest`
 * letters differ.
 */
export function nearestNames(
  name: string,
  candidates: readonly string[],
  limit: number,
  furthest = Math.min(DISTANCE_LIMIT, name.length / 2 + 1),
): string[] {
  const near: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    const distance = candidate.includes(name) ? 1 : editDistance(name, candidate);
    if (distance <= furthest) near.push({ candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance);
  return near.slice(0, limit).map(({ candidate }) => candidate);
}

/** `; did you mean 'x' or 'y'?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : `; did you mean ${names.map(each => `'${each}'`).join(' or ')}?`;
}

/** Letters to insert, leave out or change (Wagner and Fischer, one row at a time). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > DISTANCE_LIMIT) return DISTANCE_LIMIT + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
