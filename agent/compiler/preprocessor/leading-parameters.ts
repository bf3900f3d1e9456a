import { isPunctuator, type PpToken } from './pp-token.ts';

/** The names of the parameters that a program begins with, as far as it was read. */
export function leadingParameters(tokens: readonly PpToken[]): Set<string> {
  const names = new Set<string>();
  for (let at = 0; tokens[at]?.text === 'parameter'; at++) {
    const name = tokens[at + 2];
    if (name?.kind === 'identifier') names.add(name.text);
    while (at < tokens.length && !isPunctuator(tokens[at], ';')) at++;
  }
  return names;
}
