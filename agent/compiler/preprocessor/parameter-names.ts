import type { PpToken } from './pp-token.ts';

/** The names that a text declares as parameters, before any macro is replaced in it. */
export function parameterNames(tokens: readonly PpToken[]): Set<string> {
  const names = new Set<string>();
  for (const [at, { text }] of tokens.entries()) {
    const [kind, name] = [tokens[at + 1], tokens[at + 2]];
    if (text === 'parameter' && kind?.kind === 'identifier' && name?.kind === 'identifier')
      names.add(name.text);
  }
  return names;
}
