import type { Declaration, Statement } from './ast.ts';
import { parseInitializer } from './parse-initializer.ts';
import { parseDeclarator, parseSpecifiers, type Specifiers, typeNameOf } from './parse-type-name.ts';
import type { Parser } from './parser.ts';

/** A declaration (C11 6.7): variables, types, and with `extern` what is the kernel's. */
export function parseDeclarations(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.peek();
  const specifiers = parseSpecifiers(parser);
  const declarations: Declaration[] = [];
  if (!cursor.sees(';')) {
    do declarations.push(parseDeclaration(parser, specifiers));
    while (cursor.takes(','));
  }
  const [first] = declarations;
  if (cursor.sees('{') && first && declarations.length === 1 && isFunction(first))
    return parseFunction(parser, first, specifiers);
  cursor.expect(';', 'after the declaration');
  return { kind: 'declare', type: typeNameOf(specifiers, []), declarations, at };
}

function parseDeclaration(parser: Parser, specifiers: Specifiers): Declaration {
  const { cursor } = parser;
  const { name, module, derivations, at } = parseDeclarator(parser);
  if (name === '') throw cursor.unexpected('the name of a variable');
  const type = typeNameOf(specifiers, derivations);
  const isPrototype = derivations.at(-1)?.kind === 'function' && specifiers.storage === undefined;
  const storage = isPrototype ? 'extern' : specifiers.storage;
  if (specifiers.isInline && derivations.at(-1)?.kind !== 'function')
    throw cursor.error(at, `'${name}' is no function, so it cannot be inline`);
  if (module !== undefined && storage !== 'extern')
    throw cursor.error(at, 'only an extern declaration can name a module');
  parser.declare(name, storage === 'typedef');
  if (cursor.sees(':')) throw cursor.error(at, 'only a member of a structure can be a bit field');
  const initializer = cursor.takes('=') ? parseInitializer(parser) : undefined;
  return { name, module, type, storage, initializer, at };
}

function isFunction({ type, storage }: Declaration): boolean {
  return type.derivations.at(-1)?.kind === 'function' && storage !== 'typedef';
}

/** The body of a function (C11 6.9.1); its `{` comes next. */
function parseFunction(
  parser: Parser,
  { name, module, type, at }: Declaration,
  { storage, isInline }: Specifiers,
): Statement {
  const { cursor } = parser;
  if (!parser.isOutermost)
    throw cursor.error(at, `'${name}' is defined within a block; functions stand outside of all blocks`);
  if (module !== undefined) throw cursor.error(at, 'a function of the program is in no module');
  const derivation = type.derivations.at(-1)!;
  const params = derivation.kind === 'function' ? derivation.params : [];
  return parser.scoped(() => {
    for (const param of params) {
      if (param.name === '') throw cursor.error(param.at, 'a parameter of a function needs a name');
      parser.declare(param.name);
    }
    const body = parser.cursor.nested(() => parser.block());
    return { kind: 'function', name, type, isStatic: storage === 'static' && !isInline, body, at };
  });
}

/** `_Static_assert(condition, "message");` (C11 6.7.10); in C23 the message may be missing. */
export function parseStaticAssert(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after _Static_assert');
  const condition = parser.conditional();
  let message: string | undefined;
  if (cursor.takes(',')) {
    const text = parser.conditional();
    if (text.kind !== 'string') throw cursor.error(text.at, 'the message of _Static_assert must be a string');
    message = Buffer.from(text.bytes).toString('utf8');
  }
  cursor.expect(')', 'of _Static_assert');
  if (cursor.peek().kind !== 'end') cursor.expect(';', 'after _Static_assert');
  return { kind: 'static-assert', condition, message, at };
}
