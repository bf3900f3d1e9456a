import type { Derivation, ParameterName, TypeBase, TypeName } from './ast.ts';
import type { Parser } from './parser.ts';
import type { Offset } from './source.ts';

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
const QUALIFIERS = new Set(['const', 'volatile', 'restrict', '__restrict']);
const TYPEOF = new Set(['typeof', '__typeof__', 'typeof_unqual']);
const AUTO = new Set(['auto', '__auto_type']);

/** More parameters than this has no function. */
const PARAMETER_LIMIT = 64;

/** Later stages recurse once for each step of a declarator; no type of a kernel has more than a few. */
const DERIVATION_LIMIT = 64;

/** Whether a type name starts `ahead` of the next token. */
export function seesTypeName({ cursor, isTypedef }: Parser, ahead = 0): boolean {
  const token = cursor.peek(ahead);
  if (token.kind !== 'identifier') return false;
  const { name } = token;
  if (BASIC_WORDS.has(name) || TAGS.has(name) || QUALIFIERS.has(name) || TYPEOF.has(name)) return true;
  return AUTO.has(name) || isTypedef(name);
}

/** A declared name with its type; the name is empty where none stands there. */
export interface Declarator {
  readonly name: string;
  readonly module: string | undefined;
  readonly derivations: readonly Derivation[];
  readonly at: Offset;
}

/** The part of a declaration before its declarators. */
export interface Specifiers {
  readonly base: TypeBase;
  readonly isConst: boolean;
  readonly at: Offset;
}

/** A type name (C11 6.7.7): `const struct page *`, `int (*)(void)`, `typeof(x)`. */
export function parseTypeName(parser: Parser): TypeName {
  const specifiers = parseSpecifiers(parser);
  const { name, at, derivations } = parseDeclarator(parser);
  if (name !== '') throw parser.cursor.error(at, `expected a type without a name, found '${name}'`);
  return { ...specifiers, derivations };
}

/** Base and qualifiers in any order (C11 6.7.2 and 6.7.3). */
export function parseSpecifiers(parser: Parser): Specifiers {
  const at = parser.cursor.peek().at;
  const before = takeQualifiers(parser);
  const base = parseBase(parser);
  const after = takeQualifiers(parser);
  return { base, isConst: before || after, at };
}

/**
 * A declarator (C11 6.7.6), with or without a name. Pointers bind first, then what stands behind the name, the last of
 * it first, then what encloses: `int *a[3]` is an array of pointers, `int (*a)[3]` a pointer to an array.
 */
export function parseDeclarator(parser: Parser): Declarator {
  return parser.cursor.nested(() => {
    const pointers: Derivation[] = [];
    while (parser.cursor.takes('*')) pointers.push({ kind: 'pointer', isConst: takeQualifiers(parser) });
    const inner = seesNested(parser) ? parseNested(parser) : parseName(parser);
    const suffixes = parseSuffixes(parser);
    const derivations = [...pointers, ...suffixes.reverse(), ...inner.derivations];
    if (derivations.length > DERIVATION_LIMIT)
      throw parser.cursor.error(inner.at, `more than ${DERIVATION_LIMIT} levels of pointers and arrays`);
    return { ...inner, derivations };
  });
}

/** `(` starts an enclosed declarator and no parameters: `(*`, `((`, `([`, or `(name` that is no type. */
function seesNested(parser: Parser): boolean {
  const { cursor } = parser;
  if (!cursor.sees('(')) return false;
  if (cursor.sees('*', 1) || cursor.sees('(', 1) || cursor.sees('[', 1)) return true;
  return cursor.peek(1).kind === 'identifier' && !seesTypeName(parser, 1);
}

function parseNested(parser: Parser): Declarator {
  parser.cursor.next();
  const inner = parseDeclarator(parser);
  parser.cursor.expect(')', 'of the declarator');
  return inner;
}

function parseName({ cursor }: Parser): Declarator {
  const token = cursor.peek();
  if (token.kind !== 'identifier') return { name: '', module: undefined, derivations: [], at: token.at };
  cursor.next();
  const module = cursor.takes('@') ? cursor.identifier("a module's name after '@'").name : undefined;
  return { name: token.name, module, derivations: [], at: token.at };
}

function parseSuffixes(parser: Parser): Derivation[] {
  const { cursor } = parser;
  const suffixes: Derivation[] = [];
  for (;;) {
    if (cursor.sees('[')) {
      cursor.operator();
      const count = cursor.sees(']') ? undefined : parser.conditional();
      cursor.expect(']', "for the '[' before");
      suffixes.push({ kind: 'array', count });
    } else if (cursor.sees('(')) {
      cursor.operator();
      suffixes.push(parseParameters(parser));
    } else {
      return suffixes;
    }
  }
}

function parseParameters(parser: Parser): Derivation {
  const { cursor } = parser;
  const params: ParameterName[] = [];
  if (cursor.takes(')')) return { kind: 'function', params, variadic: false };
  do {
    if (cursor.takes('...')) {
      cursor.expect(')', "after '...'");
      return { kind: 'function', params, variadic: true };
    }
    if (!seesTypeName(parser)) throw cursor.unexpected('the type of a parameter');
    if (params.length === PARAMETER_LIMIT) throw cursor.unexpected(`at most ${PARAMETER_LIMIT} parameters`);
    const specifiers = parseSpecifiers(parser);
    const { name, derivations } = parseDeclarator(parser);
    params.push({ name, type: { ...specifiers, derivations } });
  } while (cursor.takes(','));
  cursor.expect(')', 'or , after a parameter');
  return { kind: 'function', params: isVoidOnly(params) ? [] : params, variadic: false };
}

/** `(void)` takes nothing (C11 6.7.6.3, 10). */
function isVoidOnly(params: readonly ParameterName[]): boolean {
  const [only, ...others] = params;
  if (others.length > 0 || only?.name !== '' || only.type.derivations.length > 0) return false;
  return only.type.base.kind === 'basic' && only.type.base.words.join() === 'void';
}

function parseBase(parser: Parser): TypeBase {
  const { cursor } = parser;
  const { name } = cursor.identifier('a type');
  if (TAGS.has(name)) {
    const tag = name as 'struct' | 'union' | 'enum';
    return { kind: 'tag', tag, name: cursor.identifier(`the name of the ${tag}`).name };
  }
  if (AUTO.has(name)) return { kind: 'auto' };
  if (TYPEOF.has(name)) return parseTypeof(parser);
  if (!BASIC_WORDS.has(name)) return { kind: 'typedef', name };
  const words = [name];
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

function parseTypeof(parser: Parser): TypeBase {
  const { cursor } = parser;
  return cursor.nested(() => {
    cursor.expect('(', 'after typeof');
    const base: TypeBase = seesTypeName(parser)
      ? { kind: 'typeof-type', type: parseTypeName(parser) }
      : { kind: 'typeof', operand: parser.comma() };
    cursor.expect(')', 'of typeof');
    return base;
  });
}

/** Takes qualifiers; whether `const` was among them. */
function takeQualifiers({ cursor }: Parser): boolean {
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
