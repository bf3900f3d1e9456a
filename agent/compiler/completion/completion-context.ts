import type { Token } from '../preprocessor/index.ts';
import { isIdentifier, isPunctuator, openBracketBefore } from './token-walk.ts';

/** What may follow at a position, by the tokens before it. */
export type CompletionContext =
  /** Behind `.` or `->`; `operator` is the number of that token. */
  | { readonly kind: 'member'; readonly operator: number }
  /** `.name` in a list in braces; `open` is the number of the `{`, `path` the members named before. */
  | { readonly kind: 'designator'; readonly open: number; readonly path: readonly string[] }
  /** The member in `offsetof(type, member)` and `container_of(pointer, type, member)`. */
  | { readonly kind: 'member-of-type'; readonly type: number }
  | { readonly kind: 'tag'; readonly tag: 'struct' | 'union' | 'enum' }
  | { readonly kind: 'name' }
  /** The name of something new, of a label or of a module. */
  | { readonly kind: 'nothing' };

/** What can stand behind `tokens`, the last of which is of kind `end`. */
export function completionContext(tokens: readonly Token[]): CompletionContext {
  const last = tokens.length - 2;
  const token = tokens[last];
  if (isPunctuator(token, '->')) return { kind: 'member', operator: last };
  if (isPunctuator(token, '.')) return designator(tokens, last) ?? { kind: 'member', operator: last };
  if (isPunctuator(token, '@') || isIdentifier(token, 'goto')) return { kind: 'nothing' };
  if (isIdentifier(token, 'struct', 'union', 'enum'))
    return { kind: 'tag', tag: (token as { name: 'struct' | 'union' | 'enum' }).name };
  return memberOfType(tokens, last) ?? { kind: 'name' };
}

/** `{ .`, `, .` and `.a.` within braces that an initialiser opened. */
function designator(tokens: readonly Token[], dot: number): CompletionContext | undefined {
  const path: string[] = [];
  let at = dot;
  for (;;) {
    const before = tokens[at - 1];
    if (isPunctuator(before, '{', ',')) break;
    if (before?.kind !== 'identifier' || !isPunctuator(tokens[at - 2], '.')) return undefined;
    path.unshift(before.name);
    at -= 2;
  }
  const open = openBracketBefore(tokens, at);
  if (open === undefined || !isPunctuator(tokens[open], '{')) return undefined;
  return { kind: 'designator', open, path };
}

/** Which argument is the type, in what takes a type and a member of it. */
const TYPE_ARGUMENT: Readonly<Record<string, number>> = {
  offsetof: 0,
  __builtin_offsetof: 0,
  container_of: 1,
};

function memberOfType(tokens: readonly Token[], last: number): CompletionContext | undefined {
  const open = openBracketBefore(tokens, last + 1);
  const callee = open === undefined ? undefined : tokens[open - 1];
  if (open === undefined || !isPunctuator(tokens[open], '(') || callee?.kind !== 'identifier')
    return undefined;
  const argument = TYPE_ARGUMENT[callee.name];
  if (argument === undefined || !isPunctuator(tokens[last], ',')) return undefined;
  const commas = commasWithin(tokens, open, last);
  if (commas.length !== argument + 1) return undefined;
  return { kind: 'member-of-type', type: argument === 0 ? open + 1 : commas[argument - 1]! + 1 };
}

/** Numbers of the commas of a bracket, those of inner brackets left out. */
function commasWithin(tokens: readonly Token[], open: number, last: number): number[] {
  const commas: number[] = [];
  let depth = 0;
  for (let at = open + 1; at <= last; at++) {
    if (isPunctuator(tokens[at], '(', '[', '{')) depth++;
    else if (isPunctuator(tokens[at], ')', ']', '}')) depth--;
    else if (depth === 0 && isPunctuator(tokens[at], ',')) commas.push(at);
  }
  return commas;
}
