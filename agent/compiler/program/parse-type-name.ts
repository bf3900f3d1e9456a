import type { Offset } from '../preprocessor/index.ts';
import type { Derivation, ParameterName, Storage, TypeBase, TypeName } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { startsAttribute, takeAttributes } from './parse-attributes.ts';
import { parseDefinition } from './parse-definition.ts';
import type { Parser } from './parser.ts';

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
const QUALIFIERS = new Set([
  'const',
  '__const',
  'volatile',
  '__volatile__',
  'restrict',
  '__restrict',
  '__restrict__',
  '__extension__',
]);
const TYPEOF = new Set(['typeof', '__typeof__', '__typeof', 'typeof_unqual']);
const AUTO = new Set(['auto', '__auto_type']);
/** C11 6.7.1. `auto` and `register` are taken and mean nothing: every variable is in the module's memory. */
const STORAGE = new Set(['extern', 'static', 'typedef', 'register']);
/** C11 6.7.4, and gcc's spellings: they say nothing here, since every function lies within the program. */
const FUNCTION_WORDS = new Set(['inline', '__inline', '__inline__', '__always_inline', 'noinline']);

/** More parameters than this has no function. */
const PARAMETER_LIMIT = 64;

/** Later stages recurse once for each step of a declarator; no type of a kernel has more than a few. */
const DERIVATION_LIMIT = 64;

/** Whether a type name starts with the token `ahead` of the next one. */
export function startsTypeName({ cursor, isTypedef }: Parser, ahead = 0): boolean {
  const token = cursor.peek(ahead);
  if (token.kind !== 'identifier') return false;
  const { name } = token;
  if (startsAttribute(cursor, ahead)) return true;
  if (BASIC_WORDS.has(name) || TAGS.has(name) || QUALIFIERS.has(name) || TYPEOF.has(name)) return true;
  return AUTO.has(name) || isTypedef(name) || looksLikeType(cursor, ahead);
}

/**
 * A name that is no type of this kernel, where C can have only a type: `(name *)`, `(name)x`. The program may
 * ask whether the kernel has it, and what is not chosen must be read all the same.
 */
function looksLikeType(cursor: Cursor, ahead: number): boolean {
  if (ahead === 0 || !cursor.sees('(', ahead - 1)) return false;
  let next = ahead + 1;
  while (cursor.sees('*', next)) next++;
  if (!cursor.sees(')', next)) return false;
  const isPointer = next > ahead + 1;
  return isPointer || cursor.peek(next + 1).kind === 'identifier' || cursor.peek(next + 1).kind === 'integer';
}

/** The same where a type is due: a name, and behind it another one, a pointer, or the end. */
function canBeType({ cursor }: Parser): boolean {
  if (cursor.peek().kind !== 'identifier') return false;
  return cursor.peek(1).kind === 'identifier' || cursor.sees('*', 1) || cursor.sees(')', 1);
}

/** The same at the start of a statement: `name x`, and `name *x =`. */
export function looksLikeDeclaration({ cursor }: Parser): boolean {
  if (cursor.peek(1).kind === 'identifier') return true;
  let next = 1;
  while (cursor.sees('*', next)) next++;
  return next > 1 && cursor.peek(next).kind === 'identifier' && cursor.sees('=', next + 1);
}

/** Whether a declaration starts with the next token, by a word that stands nowhere else. */
export function startsStorageClass({ cursor }: Parser): boolean {
  const token = cursor.peek();
  if (startsAttribute(cursor)) return true;
  return token.kind === 'identifier' && (STORAGE.has(token.name) || FUNCTION_WORDS.has(token.name));
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
  readonly isVolatile: boolean;
  readonly storage: Storage | undefined;
  readonly isInline: boolean;
  readonly at: Offset;
}

/** A type name (C11 6.7.7): `const struct page *`, `int (*)(void)`, `typeof(x)`. */
export function parseTypeName(parser: Parser): TypeName {
  const specifiers = parseSpecifiers(parser);
  const { name, at, derivations } = parseDeclarator(parser);
  if (name !== '') throw parser.cursor.error(at, `expected a type without a name, found '${name}'`);
  refuseStorage(parser, specifiers);
  return typeNameOf(specifiers, derivations);
}

/** The type that specifiers and a declarator make together. */
export function typeNameOf(
  { base, isConst, isVolatile, at }: Specifiers,
  derivations: readonly Derivation[],
): TypeName {
  return { base, isConst, isVolatile, derivations, at };
}

/** Throws where `static` and its like stand in a type that declares nothing. */
export function refuseStorage({ cursor }: Parser, { storage, at }: Specifiers): void {
  if (storage) throw cursor.error(at, `'${storage}' is not allowed here`);
}

/** Storage, qualifiers and base in any order (C11 6.7.1 to 6.7.3). */
export function parseSpecifiers(parser: Parser): Specifiers {
  const { cursor } = parser;
  const { at } = cursor.peek();
  const qualifiers = { isConst: false, isVolatile: false };
  const words: string[] = [];
  let base: TypeBase | undefined;
  let storage: Storage | undefined;
  let isAuto = false;
  let isInline = false;
  for (let token = cursor.peek(); token.kind === 'identifier'; token = cursor.peek()) {
    const { name } = token;
    if (parseQualifier(parser, qualifiers) || takeAttributes(cursor)) continue;
    if (FUNCTION_WORDS.has(name)) {
      cursor.next();
      isInline = true;
    } else if (STORAGE.has(name)) {
      cursor.next();
      if (storage) throw cursor.error(token.at, `'${storage}' and '${name}' cannot be combined`);
      storage = name === 'register' ? undefined : (name as Storage);
    } else if (BASIC_WORDS.has(name) && !base) {
      cursor.next();
      words.push(name);
    } else if (AUTO.has(name) && !base && words.length === 0) {
      cursor.next();
      isAuto = true;
    } else if (!base && words.length === 0 && !isAuto && (startsTypeName(parser) || canBeType(parser))) {
      base = parseBase(parser);
    } else {
      break;
    }
  }
  if (words.length > 0) base = { kind: 'basic', words };
  if (!base && isAuto) base = { kind: 'auto' };
  if (!base) throw cursor.unexpected('a type');
  return { base, ...qualifiers, storage, isInline, at };
}

/**
 * A declarator (C11 6.7.6), with or without a name. Pointers bind first, then what stands behind the name,
 * the last of it first, then what encloses: `int *a[3]` is an array of pointers, `int (*a)[3]` a pointer to
 * an array.
 */
export function parseDeclarator(parser: Parser): Declarator {
  return parser.cursor.nested(() => {
    const pointers: Derivation[] = [];
    while (parser.cursor.takes('*')) pointers.push({ kind: 'pointer', ...parseQualifiers(parser) });
    const inner = startsNested(parser) ? parseNested(parser) : parseName(parser);
    const suffixes = parseSuffixes(parser);
    takeAttributes(parser.cursor);
    const derivations = [...pointers, ...suffixes.reverse(), ...inner.derivations];
    if (derivations.length > DERIVATION_LIMIT)
      throw parser.cursor.error(
        inner.at,
        `this type has more than ${DERIVATION_LIMIT} levels of pointers and arrays`,
      );
    return { ...inner, derivations };
  });
}

/** `(` starts an enclosed declarator and no parameters: `(*`, `((`, `([`, or `(name` that is no type. */
function startsNested(parser: Parser): boolean {
  const { cursor } = parser;
  if (!cursor.sees('(')) return false;
  if (cursor.sees('*', 1) || cursor.sees('(', 1) || cursor.sees('[', 1)) return true;
  return cursor.peek(1).kind === 'identifier' && !startsTypeName(parser, 1);
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
      if (cursor.seesIdentifier('static') || parseQualifiers(parser).isConst)
        throw cursor.error(cursor.peek().at, "call programs have no qualifiers between '[' and ']'");
      if (cursor.sees('*') && cursor.sees(']', 1))
        throw cursor.error(
          cursor.peek().at,
          'an array must have a constant count here',
          'PROGRAM_UNSUPPORTED',
        );
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
    if (!startsTypeName(parser) && !canBeType(parser)) throw cursor.unexpected('the type of a parameter');
    if (params.length === PARAMETER_LIMIT) throw cursor.unexpected(`at most ${PARAMETER_LIMIT} parameters`);
    const specifiers = parseSpecifiers(parser);
    refuseStorage(parser, specifiers);
    const { name, derivations, at } = parseDeclarator(parser);
    params.push({ name, type: typeNameOf(specifiers, derivations), at });
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

/** All but basic words and `auto`. */
function parseBase(parser: Parser): TypeBase {
  const { cursor } = parser;
  const { name, at } = cursor.identifier('a type');
  if (TAGS.has(name)) takeAttributes(cursor);
  if (TYPEOF.has(name)) return parseTypeof(parser);
  if (!TAGS.has(name)) return { kind: 'typedef', name };
  const tag = name as 'struct' | 'union' | 'enum';
  if (cursor.sees('{')) return parseDefinition(parser, tag, '', at);
  const tagName = cursor.identifier(`the name of the ${tag}`).name;
  return cursor.sees('{') ? parseDefinition(parser, tag, tagName, at) : { kind: 'tag', tag, name: tagName };
}

function parseTypeof(parser: Parser): TypeBase {
  const { cursor } = parser;
  return cursor.nested(() => {
    cursor.expect('(', 'after typeof');
    const base: TypeBase = startsTypeName(parser)
      ? { kind: 'typeof-type', type: parseTypeName(parser) }
      : { kind: 'typeof', operand: parser.comma() };
    cursor.expect(')', 'of typeof');
    return base;
  });
}

interface Qualifiers {
  isConst: boolean;
  isVolatile: boolean;
}

function parseQualifiers(parser: Parser): Qualifiers {
  const qualifiers = { isConst: false, isVolatile: false };
  while (parseQualifier(parser, qualifiers) || takeAttributes(parser.cursor));
  return qualifiers;
}

function parseQualifier({ cursor }: Parser, qualifiers: Qualifiers): boolean {
  const token = cursor.peek();
  if (token.kind !== 'identifier' || !QUALIFIERS.has(token.name)) return false;
  cursor.next();
  qualifiers.isConst ||= /const/.test(token.name);
  qualifiers.isVolatile ||= /volatile/.test(token.name);
  return true;
}
