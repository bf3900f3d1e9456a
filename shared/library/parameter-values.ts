/** Most parameters that a request gives values for. */
const PARAMETERS_LIMIT = 32;

/** Longest JSON of all values, in bytes. */
export const VALUES_LIMIT_BYTES = 8192;

/** A name as C has it. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/**
 * Values of parameters by their names, as the one JSON text that people sign: an object of texts, ordered by
 * name, without blanks.
 */
export function parameterValuesText(values: ReadonlyMap<string, string>): string {
  const ordered = [...values].sort(([one], [other]) => (one < other ? -1 : 1));
  // Not JSON.stringify of an object: that would put names that look like numbers first, and knows __proto__.
  return `{${ordered.map(each => each.map(text => JSON.stringify(text)).join(':')).join(',')}}`;
}

/** The values in `text`; undefined where it is not what {@link parameterValuesText} makes of them. */
export function parameterValues(text: string): ReadonlyMap<string, string> | undefined {
  if (Buffer.byteLength(text) > VALUES_LIMIT_BYTES) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(read)) {
    if (typeof value !== 'string' || !value.isWellFormed() || !NAME.test(name)) return undefined;
    values.set(name, value);
  }
  if (values.size === 0 || values.size > PARAMETERS_LIMIT) return undefined;
  return parameterValuesText(values) === text ? values : undefined;
}
