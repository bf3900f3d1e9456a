import type { Offset } from '../preprocessor/index.ts';
import type { EnumeratorDeclaration, MemberDeclaration, TypeBase } from './ast.ts';
import { parseDeclarator, parseSpecifiers, refuseStorage, typeNameOf } from './parse-type-name.ts';
import type { Parser } from './parser.ts';

/**
 * `{ members }` of a structure or union, `{ enumerators }` of an enumeration; the `{` comes next (C11
 * 6.7.2.1, 6.7.2.2).
 */
export function parseDefinition(
  parser: Parser,
  tag: 'struct' | 'union' | 'enum',
  name: string,
  at: Offset,
): TypeBase {
  return parser.cursor.nested((): TypeBase => {
    parser.cursor.next();
    if (tag === 'enum') return { kind: 'enumeration', name, enumerators: parseEnumerators(parser), at };
    return { kind: 'record', tag, name, members: parseMembers(parser), at };
  });
}

function parseMembers(parser: Parser): MemberDeclaration[] {
  const { cursor } = parser;
  const members: MemberDeclaration[] = [];
  while (!cursor.takes('}')) {
    if (cursor.peek().kind === 'end') throw cursor.unexpected('} for the { before');
    const specifiers = parseSpecifiers(parser);
    refuseStorage(parser, specifiers);
    if (cursor.sees(';'))
      members.push({ name: '', type: typeNameOf(specifiers, []), width: undefined, at: specifiers.at });
    else {
      do {
        const { name, derivations, at } = parseDeclarator(parser);
        const width = cursor.takes(':') ? parser.conditional() : undefined;
        if (name === '' && !width) throw cursor.unexpected('the name of a member');
        members.push({ name, type: typeNameOf(specifiers, derivations), width, at });
      } while (cursor.takes(','));
    }
    cursor.expect(';', 'after a member');
  }
  return members;
}

function parseEnumerators(parser: Parser): EnumeratorDeclaration[] {
  const { cursor } = parser;
  const enumerators: EnumeratorDeclaration[] = [];
  do {
    if (cursor.sees('}') && enumerators.length > 0) break;
    const { name, at } = cursor.identifier('the name of an enumerator');
    const value = cursor.takes('=') ? parser.conditional() : undefined;
    parser.declare(name);
    enumerators.push({ name, value, at });
  } while (cursor.takes(','));
  cursor.expect('}', 'or , after an enumerator');
  return enumerators;
}
