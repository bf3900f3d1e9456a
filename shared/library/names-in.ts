/**
 * One token of C that matters here: what can hold no name (comments, literals, numbers), a member, a name. A
 * comment or literal that does not end reaches to the end of the text, so that the time is linear.
 */
const TOKENS =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|[0-9][\w'.]*|(?:\.|->)\s*[A-Za-z_]\w*|[A-Za-z_]\w*/g;

/** Every name in `text` that may be one of the library: outside of comments and literals, and no member. */
export function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [token] of text.matchAll(TOKENS)) if (/^[A-Za-z_]/.test(token)) names.add(token);
  return names;
}
