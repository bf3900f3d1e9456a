import type { Designator, Initializer, InitializerItem } from './ast.ts';
import type { Parser } from './parser.ts';

/** More entries than this would make each stage slow for nothing. */
const ITEM_LIMIT = 4096;

/** The initialiser behind the `=` of a declaration (C11 6.7.9). */
export function parseInitializer(parser: Parser): Initializer {
  if (parser.cursor.sees('{')) return parseInitializerList(parser);
  const { at } = parser.cursor.peek();
  return { kind: 'value', value: parser.assignment(), at };
}

/** `{ .a = 1, [2] = 3, { 4 }, }`; C23's `{}` too. */
export function parseInitializerList(parser: Parser): Initializer {
  const { cursor } = parser;
  return cursor.nested(() => {
    const { at } = cursor.next();
    const items: InitializerItem[] = [];
    while (!cursor.takes('}')) {
      if (items.length === ITEM_LIMIT)
        throw cursor.error(cursor.peek().at, `this list has more than ${ITEM_LIMIT} initialisers`);
      const designators = parseItemDesignators(parser);
      items.push({ designators, value: parseInitializer(parser) });
      if (!cursor.sees('}')) cursor.expect(',', 'or } after an initialiser');
    }
    return { kind: 'list', items, at };
  });
}

function parseItemDesignators(parser: Parser): Designator[] {
  const { cursor } = parser;
  if (!cursor.sees('.') && !cursor.sees('[')) return [];
  const designators = parseMore(parser, true);
  cursor.expect('=', 'after a designator');
  return designators;
}

/** A path into a type, as offsetof takes it: `a.b[3].c`. */
export function parseDesignators(parser: Parser): Designator[] {
  const { name, at } = parser.cursor.identifier('the name of a member');
  return [{ kind: 'member', name, at }, ...parseMore(parser, false)];
}

function parseMore(parser: Parser, isInitializer: boolean): Designator[] {
  const { cursor } = parser;
  const designators: Designator[] = [];
  for (;;) {
    const { at } = cursor.peek();
    if (cursor.sees('.')) {
      cursor.operator();
      designators.push({ kind: 'member', name: cursor.identifier('the name of a member').name, at });
    } else if (cursor.sees('[')) {
      cursor.operator();
      const index = parser.conditional();
      const last = isInitializer && cursor.takes('...') ? parser.conditional() : undefined;
      designators.push({ kind: 'index', index, ...(last && { last }), at });
      cursor.expect(']', "for the '[' before");
    } else {
      return designators;
    }
  }
}
