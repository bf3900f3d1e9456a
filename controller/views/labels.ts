/** Labels as people write them, sorted by name: `env=prod,role=web`. */
export function labelList(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join(',');
}
