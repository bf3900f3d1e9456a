import type { TypeBase, TypeName } from './ast.ts';
import type { Cursor } from './cursor.ts';

const BASIC_WORDS = new Set([
  'void',
  'char',
  'short',
  'int',
  'long',
  'signed',
  'unsigned',
  '_Bool',
  'bool',
  'float',
  'double',
]);
const TAGS = new Set(['struct', 'union', 'enum']);
const QUALIFIERS = new Set(['const', 'volatile']);

/** Later stages recurse once a level; no type of a kernel has more than a few. */
const POINTER_LIMIT = 64;

/** Tells a typedef name from any other identifier: C's grammar cannot without it. */
export type IsTypedef = (name: string) => boolean;

/** Whether a type name starts `ahead` of the next token. */
export function seesTypeName(cursor: Cursor, isTypedef: IsTypedef, ahead = 0): boolean {
  const token = cursor.peek(ahead);
  if (token.kind !== 'identifier') return false;
  const { name } = token;
  return BASIC_WORDS.has(name) || TAGS.has(name) || QUALIFIERS.has(name) || isTypedef(name);
}

/** A type name (C11 6.7.7) without array and function declarators: `const struct page *`, `unsigned long`, `pid_t`. */
export function parseTypeName(cursor: Cursor): TypeName {
  const at = cursor.peek().at;
  let isConst = takeQualifiers(cursor);
  const base = parseBase(cursor);
  isConst = takeQualifiers(cursor) || isConst;
  let pointers = 0;
  while (cursor.takes('*')) {
    if (++pointers > POINTER_LIMIT) throw cursor.error(at, `more than ${POINTER_LIMIT} levels of pointers`);
    takeQualifiers(cursor);
  }
  return { base, isConst, pointers, at };
}

function parseBase(cursor: Cursor): TypeBase {
  const token = cursor.peek();
  if (token.kind !== 'identifier') throw cursor.unexpected('a type');
  if (TAGS.has(token.name)) return parseTag(cursor, token.name as 'struct' | 'union' | 'enum');
  if (!BASIC_WORDS.has(token.name)) {
    cursor.next();
    return { kind: 'typedef', name: token.name };
  }
  const words: string[] = [];
  for (
    let word = cursor.peek();
    word.kind === 'identifier' && BASIC_WORDS.has(word.name);
    word = cursor.peek()
  ) {
    words.push(word.name);
    cursor.next();
  }
  return { kind: 'basic', words };
}

function parseTag(cursor: Cursor, tag: 'struct' | 'union' | 'enum'): TypeBase {
  cursor.next();
  const name = cursor.peek();
  if (name.kind !== 'identifier') throw cursor.unexpected(`the name of the ${tag}`);
  cursor.next();
  return { kind: 'tag', tag, name: name.name };
}

function takeQualifiers(cursor: Cursor): boolean {
  let isConst = false;
  for (
    let token = cursor.peek();
    token.kind === 'identifier' && QUALIFIERS.has(token.name);
    token = cursor.peek()
  ) {
    isConst ||= token.name === 'const';
    cursor.next();
  }
  return isConst;
}
