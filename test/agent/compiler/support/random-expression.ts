import fc from 'fast-check';
import { type Getter, SCALARS } from './user-kernel.ts';

/** An expression, to be written out once for each compiler. */
export type Expression =
  | { readonly kind: 'value'; readonly getter: Getter }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'conditional'; readonly parts: readonly [Expression, Expression, Expression] };

const BINARY = '+ - * / % << >> & | ^ < <= > >= == != && || ,'.split(' ');
const C_TYPES = Object.values(SCALARS)
  .map(({ c }) => c)
  .filter(type => !type.startsWith('enum'));
const CASTS = Object.values(SCALARS).map(({ c }) => `(${c})`);

/** Expressions of every operator and every type, over the values of `getters`. */
export function expressionOver(getters: readonly Getter[]): fc.Arbitrary<Expression> {
  const value = fc.constantFrom(...getters).map((getter): Expression => ({ kind: 'value', getter }));
  const { expression } = fc.letrec<{ expression: Expression }>(tie => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      { weight: 2, arbitrary: value },
      { weight: 6, arbitrary: binary(tie('expression')) },
      { weight: 2, arbitrary: unary(tie('expression')) },
      { weight: 1, arbitrary: conditional(tie('expression')) },
    ),
  }));
  return expression;
}

function binary(operand: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc
    .tuple(fc.constantFrom(...BINARY), operand, operand)
    .map(([operator, left, right]): Expression => ({ kind: 'binary', operator, left, right }));
}

function unary(operand: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc
    .tuple(fc.constantFrom('+', '-', '~', '!', 'sizeof', ...CASTS), operand)
    .map(([operator, operand]): Expression => ({ kind: 'unary', operator, operand }));
}

function conditional(part: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.tuple(part, part, part).map((parts): Expression => ({ kind: 'conditional', parts }));
}

/** As a call program; each value is a call of its getter. */
export function toProgram(expression: Expression): string {
  return write(expression, { value: ({ name }) => `${name}()`, binary: infix });
}

/** As a call program without calls: all is known when it is compiled. */
export function toConstantProgram(expression: Expression): string {
  const value = ({ type, bits }: Getter): string => `((${SCALARS[type].c})0x${bits.toString(16)}ul)`;
  return write(expression, { value, binary: infix });
}

/** As C. What C leaves undefined is defined as in call programs, by the macros of {@link cSource}. */
export function toC(expression: Expression): string {
  const macros: Readonly<Record<string, string>> = { '/': 'DIV', '%': 'MOD', '<<': 'SHL', '>>': 'SHR' };
  return write(expression, {
    value: ({ name }) => `${name}()`,
    binary: (operator, left, right) =>
      macros[operator] ? `${macros[operator]}(${left}, ${right})` : infix(operator, left, right),
  });
}

interface Style {
  readonly value: (getter: Getter) => string;
  readonly binary: (operator: string, left: string, right: string) => string;
}

function infix(operator: string, left: string, right: string): string {
  return `(${left} ${operator} ${right})`;
}

function write(expression: Expression, style: Style): string {
  const inner = (each: Expression): string => write(each, style);
  switch (expression.kind) {
    case 'value':
      return style.value(expression.getter);
    case 'unary':
      return `${expression.operator}(${inner(expression.operand)})`;
    case 'binary':
      return style.binary(expression.operator, inner(expression.left), inner(expression.right));
    case 'conditional': {
      const [condition, yes, no] = expression.parts.map(inner);
      return `(${condition} ? ${yes} : ${no})`;
    }
  }
}

/**
 * A C program that prints type and value of each expression on a line of its own. -fwrapv gives it signed
 * overflow; division by zero, the least number by -1 and far shifts are spelled out.
 */
export function cSource(getters: readonly Getter[], expressions: readonly Expression[]): string {
  return [
    '#include <setjmp.h>',
    '#include <stdio.h>',
    'enum color { RED, GREEN, BLUE };',
    'enum sign { MINUS = -1, PLUS = 1 };',
    'static jmp_buf divided;',
    '#define OPERANDS(a, b) __auto_type l = (a); __auto_type r = (b); __typeof__(l + r) x = l, y = r, m = -1',
    '#define ZERO if (y == 0) longjmp(divided, 1)',
    '#define DIV(a, b) ({ OPERANDS(a, b); ZERO; m < 0 && y == m ? -x : x / y; })',
    '#define MOD(a, b) ({ OPERANDS(a, b); ZERO; m < 0 && y == m ? 0 : x % y; })',
    '#define SHIFT(a, op, b) ({ __auto_type l = (a); __auto_type r = (b); +l op (r & (sizeof(+l) * 8 - 1)); })',
    '#define SHL(a, b) SHIFT(a, <<, b)',
    '#define SHR(a, b) SHIFT(a, >>, b)',
    `#define NAME(v) _Generic(v, ${C_TYPES.map(type => `${type}: "${type}"`).join(', ')})`,
    '#define SIGNED(v) ((__typeof__(v))-1 < 1)',
    '#define SHOW(e) do { \\',
    '  if (setjmp(divided)) { puts("divided"); break; } \\',
    '  __auto_type v = (e); \\',
    '  printf(SIGNED(v) ? "%s %lld\\n" : "%s %llu\\n", NAME(v), (long long)v); \\',
    '} while (0)',
    ...getters.map(
      ({ name, type, bits }) =>
        `static ${SCALARS[type].c} ${name}(void) { return 0x${bits.toString(16)}ul; }`,
    ),
    ...expressions.map((each, index) => `static void e${index}(void) { SHOW(${toC(each)}); }`),
    `int main(void) { ${expressions.map((_, index) => `e${index}();`).join(' ')} return 0; }`,
  ].join('\n');
}
