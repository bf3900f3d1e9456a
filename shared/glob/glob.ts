/**
 * Whether `name` matches `pattern`: `*` stands for any characters, `?` for one, and every other character for
 * itself.
 *
 * It is not a regular expression: it only backtracks to the last `*`, so that its time is bounded by the
 * product of the two lengths, whatever the pattern is.
 */
export function globMatches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
