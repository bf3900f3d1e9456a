/** The values that a column may have, as SQL lists them. */
export const oneOf = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ');
