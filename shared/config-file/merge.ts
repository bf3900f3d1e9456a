/** `later` over `before`: objects member by member; everything else is replaced. */
export function merged(before: unknown, later: unknown): unknown {
  if (!isObject(before) || !isObject(later)) return later;
  const own = (member: string, value: unknown): [string, unknown] => [
    member,
    Object.hasOwn(before, member) ? merged(before[member], value) : value,
  ];
  // Object.fromEntries makes a member of every name, `__proto__` too.
  return Object.fromEntries([
    ...Object.entries(before),
    ...Object.entries(later).map(([member, value]) => own(member, value)),
  ]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
