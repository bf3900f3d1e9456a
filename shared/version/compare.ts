/** The numbers of `0.4.1`; what is missing or no number is 0. */
function partsOf(version: string): number[] {
  return version.split(/[.-]/, 3).map(part => Number.parseInt(part, 10) || 0);
}

/**
 * How many minor versions lie between two versions, which work together up to one; infinite between two
 * major versions. See docs/guide/upgrade.md.
 */
export function minorDistance(one: string, other: string): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [partsOf(one), partsOf(other)];
  return major === otherMajor ? Math.abs(minor - otherMinor) : Number.POSITIVE_INFINITY;
}

/** Orders versions, the older first. */
export function compareVersions(one: string, other: string): number {
  const [ones, others] = [partsOf(one), partsOf(other)];
  return [0, 1, 2].map(at => (ones[at] ?? 0) - (others[at] ?? 0)).find(part => part !== 0) ?? 0;
}
