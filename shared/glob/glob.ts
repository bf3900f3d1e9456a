/**
 * Whether `name` is of the form `pattern`: `*` stands for any characters, `?` for one, all else for itself.
 *
 * Written out instead of turned into a regular expression: it goes back to the last `*` only, so its time is
 * bounded by the product of the two lengths, whatever pattern somebody wrote.
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
