import type { Cursor } from './cursor.ts';

/**
 * Words of the kernel's headers that tell compilers and sparse(1) something, and change nothing that a
 * program does (include/linux/compiler_types.h and compiler_attributes.h, v6.12).
 */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...[
    '__maybe_unused',
    '__always_unused',
    '__used',
    '__must_check',
    '__pure',
    '__attribute_const__',
    '__cold',
  ],
  ...['__user', '__kernel', '__iomem', '__percpu', '__rcu', '__force', '__nocast', '__private', '__bitwise'],
  ...['noinline_for_stack', '__noinline', '__flatten', '__malloc', '__printf_like', 'notrace', 'asmlinkage'],
]);

/** Attributes of gcc without which a program means the same. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['unused', 'maybe_unused', 'used', 'deprecated', 'warn_unused_result', 'nodiscard', 'fallthrough'],
  ...['always_inline', 'noinline', 'gnu_inline', 'noclone', 'flatten', 'artificial', 'leaf', 'hot', 'cold'],
  ...['pure', 'const', 'malloc', 'nonnull', 'returns_nonnull', 'nothrow', 'format', 'format_arg', 'access'],
  ...['may_alias', 'no_instrument_function', 'no_sanitize', 'no_stack_protector', 'designated_init'],
]);

/** Attributes that would change what a program does, each with the end of the error. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['packed', 'structures of programs are laid out as the CPU likes them; read odd bytes with memcpy()'],
  ['aligned', 'every variable is aligned to 16 bytes'],
  ['cleanup', 'guard() and scoped_guard() give locks back on every way out'],
  ...['constructor', 'destructor', 'section', 'naked', 'interrupt', 'interrupt_handler'].map(
    name => [name, 'farcall alone says where the code of a program lies and what starts it'] as const,
  ),
  ...['alias', 'weak', 'weakref', 'ifunc', 'visibility', 'externally_visible', 'symver'].map(
    name => [name, 'the names of a program are its own'] as const,
  ),
  ...['mode', 'vector_size', 'scalar_storage_order', 'transparent_union'].map(
    name => [name, 'values have the types that C and the kernel give them'] as const,
  ),
  ['noreturn', 'every function of a program returns, or ends the program'],
]);

/** Attributes, which the language's reference lists. */
export const ATTRIBUTES = { annotations: ANNOTATIONS, harmless: HARMLESS, refused: REFUSED };

/** Whether the token `ahead` of the next one begins an attribute. */
export function startsAttribute(cursor: Cursor, ahead = 0): boolean {
  const token = cursor.peek(ahead);
  return token.kind === 'identifier' && (isAttributeWord(token.name) || ANNOTATIONS.has(token.name));
}

/**
 * Takes the attributes that come next; whether there were any. Throws PROGRAM_UNSUPPORTED for those without
 * which the program would mean something else.
 */
export function takeAttributes(cursor: Cursor): boolean {
  const start = cursor.position;
  while (startsAttribute(cursor)) {
    const token = cursor.next();
    if (token.kind === 'identifier' && isAttributeWord(token.name)) takeList(cursor);
  }
  return cursor.position > start;
}

function isAttributeWord(name: string): boolean {
  return name === '__attribute__' || name === '__attribute';
}

/** `((unused, format(printf, 1, 2)))` */
function takeList(cursor: Cursor): void {
  cursor.expect('(', 'after __attribute__');
  cursor.expect('(', 'twice after __attribute__');
  while (!cursor.takes(')')) {
    const { name, at } = cursor.identifier('the name of an attribute');
    const plain = name.replace(/^__(\w+)__$/, '$1');
    const reason = REFUSED.get(plain) ?? unknown(plain);
    if (reason !== undefined)
      throw cursor.error(at, `call programs have no attribute '${plain}': ${reason}`, 'PROGRAM_UNSUPPORTED');
    if (cursor.takes('(')) skipArguments(cursor);
    if (!cursor.sees(')')) cursor.expect(',', 'or ) after an attribute');
  }
  cursor.expect(')', 'twice behind the attributes');
}

function unknown(name: string): string | undefined {
  return HARMLESS.has(name) ? undefined : 'farcall does not know what a program means without it';
}

function skipArguments(cursor: Cursor): void {
  for (let depth = 1; depth > 0; cursor.next()) {
    if (cursor.peek().kind === 'end') throw cursor.unexpected(') of the attribute');
    if (cursor.sees('(')) depth++;
    if (cursor.sees(')')) depth--;
  }
}
