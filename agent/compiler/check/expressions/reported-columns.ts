import { spelledAt, useOf } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';

/** A value of a row, and the name of its column. */
export interface ReportedColumn {
  readonly column: string;
  readonly value: Expression;
}

/** Longest name of a column that an expression gives, in characters. */
const NAME_LIMIT = 48;

/**
 * The columns of `report(pid = t->pid, t->comm)`. An argument that assigns to a name which nothing declares
 * gives its column this name; every other column is called as its expression is written.
 *
 * Threat: a column that reads as the assignment that C has there. So the name must mean nothing at all to the
 * program: where a variable of that name is declared, the argument assigns to it as ever.
 */
export function reportedColumns(
  context: CheckContext,
  { args, bounds }: Extract<Expression, { kind: 'call' }>,
): readonly ReportedColumn[] {
  return args.map((value, index) => {
    const name = givenName(context, value);
    if (name !== undefined) return { column: name.column, value: name.value };
    return { column: textBetween(context, bounds[index]!, bounds[index + 1]!), value };
  });
}

function givenName({ scope }: CheckContext, value: Expression): ReportedColumn | undefined {
  if (value.kind !== 'assign' || value.operator !== '=' || value.left.kind !== 'identifier') return undefined;
  const { name, module } = value.left;
  if (module !== undefined || scope.find(name)) return undefined;
  return { column: name, value: value.right };
}

/** The text of an expression in one line; empty if a macro made all of it. */
function textBetween({ source }: CheckContext, from: number, to: number): string {
  const [start, next] = [useOf(source, from), useOf(source, to)];
  if (next <= start) return '';
  const text = spelledAt(source, start, next - start)
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
    .replace(/[,\s]+$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[^\x20-\x7e]/g, '?');
  return text.length > NAME_LIMIT ? `${text.slice(0, NAME_LIMIT - 3)}...` : text;
}
