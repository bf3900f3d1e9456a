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
  if (cursor.sees('{') && declarations.at(-1)?.type.derivations.at(-1)?.kind === 'function')
    throw cursor.error(
      at,
      'call programs cannot define functions; write the body where you would call it',
      'PROGRAM_UNSUPPORTED',
    );
  cursor.expect(';', 'after the declaration');
  return { kind: 'declare', type: typeNameOf(specifiers, []), declarations, at };
}

function parseDeclaration(parser: Parser, specifiers: Specifiers): Declaration {
  const { cursor } = parser;
  const { name, module, derivations, at } = parseDeclarator(parser);
  if (name === '') throw cursor.unexpected('the name of a variable');
  const type = typeNameOf(specifiers, derivations);
  const isFunction = derivations.at(-1)?.kind === 'function' && specifiers.storage !== 'typedef';
  if (isFunction && specifiers.storage === 'static')
    throw cursor.error(at, 'call programs cannot define functions', 'PROGRAM_UNSUPPORTED');
  const storage = isFunction ? 'extern' : specifiers.storage;
  if (module !== undefined && storage !== 'extern')
    throw cursor.error(at, 'only an extern declaration can name a module');
  parser.declare(name, storage === 'typedef');
  if (cursor.sees(':')) throw cursor.error(at, 'only a member of a structure can be a bit field');
  const initializer = cursor.takes('=') ? parseInitializer(parser) : undefined;
  return { name, module, type, storage, initializer, at };
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
