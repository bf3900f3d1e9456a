import type { Expression } from './ast.ts';
import type { DenyStatement, LifeUnit } from './deny-statement.ts';
import type { Parser } from './parser.ts';

/** The clauses that say how long a deny lives, and how many milliseconds each counts in. */
export const LIFE_UNITS_MS: Readonly<Record<LifeUnit, number>> = {
  for_seconds: 1000,
  for_minutes: 60_000,
  for_hours: 3_600_000,
  for_days: 86_400_000,
};

const UNITS = Object.keys(LIFE_UNITS_MS) as LifeUnit[];

/**
 * `deny (alg_bind, -EPERM, sock, address) for_days (7) while (condition);`: the names are those of parameters
 * in the condition; they and `while` may be left out.
 */
export function parseDeny(parser: Parser): DenyStatement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after deny');
  const denied = parser.assignment();
  if (denied.kind !== 'identifier')
    throw cursor.error(denied.at, 'deny takes the name of a function of the kernel');
  cursor.expect(',', 'and what the function returns instead: deny (function, -EPERM)');
  const valueStart = cursor.peek().at;
  const value = parser.assignment();
  const valueText = [valueStart, cursor.peek().at] as const;
  const params: { name: string; at: number }[] = [];
  while (cursor.takes(',')) params.push(cursor.identifier('a name for a parameter'));
  cursor.expect(')', 'after the names of deny');
  const { unit, count } = parseLife(parser);
  return parser.scoped(() => {
    for (const { name } of params) parser.declare(name);
    const condition = parseWhile(parser);
    if (cursor.peek().kind !== 'end') cursor.expect(';', 'after the deny');
    return { kind: 'deny', denied, value, valueText, params, unit, count, ...condition, at };
  });
}

function parseLife(parser: Parser): { readonly unit: LifeUnit; readonly count: Expression } {
  const { cursor } = parser;
  const unit = UNITS.find(each => cursor.takesIdentifier(each));
  if (!unit)
    throw cursor.unexpected(
      `'for_days (number)' after deny (…), or one of ${UNITS.join(', ')}: each deny has an end`,
    );
  cursor.expect('(', `after ${unit}`);
  const count = parser.conditional();
  cursor.expect(')', `after the number of ${unit}`);
  return { unit, count };
}

function parseWhile(parser: Parser): Pick<DenyStatement, 'condition' | 'conditionText'> {
  const { cursor } = parser;
  if (!cursor.takesIdentifier('while')) return { condition: undefined, conditionText: [0, 0] };
  cursor.expect('(', 'after while');
  const start = cursor.peek().at;
  const condition = parser.comma();
  const end = cursor.peek().at;
  cursor.expect(')', 'after the condition of deny');
  return { condition, conditionText: [start, end] };
}
