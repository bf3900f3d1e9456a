import { globMatches } from '../../../../shared/glob/index.ts';
import { BASIC, type CType, pointerTo } from '../../ctype/index.ts';
import { isReservedName, type Offset } from '../../preprocessor/index.ts';
import type { ParameterBounds, ParameterStatement } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { onlyDataSymbol } from '../names/index.ts';
import { checkIdentifier } from '../operators/index.ts';
import { isLvalue, type TypedExpression, type TypedStatement } from '../tree/index.ts';

type Names = Extract<ParameterBounds, { kind: 'enum' | 'symbol' }>;

/**
 * Declares a parameter as the value that was given, or as its preset. Throws PARAMETER_VALUE where that is
 * none of what it may be, and PROGRAM_TYPE where this kernel does not have all of its names.
 *
 * Threat: a value that becomes code: a quote, a semicolon or a name in it ends up as text of the program. So
 * it is bound here, behind preprocessor and parser, as a value whose type its bounds give, whatever it is.
 */
export function checkParameter(context: CheckContext, statement: ParameterStatement): TypedStatement {
  const { name, bounds, at } = statement;
  const { names, scope, diagnostics } = context;
  if (isReservedName(name))
    throw diagnostics.typeError(at, `'${name}' belongs to the language, so no parameter can be called so`);
  if (names.isFunction(name) || names.symbols.lookup(name).length > 0)
    throw diagnostics.typeError(at, `'${name}' is a name of this kernel; give the parameter another one`);
  const value = givenValue(context, statement);
  const operand = operandOf(context, bounds, value, at);
  if (!scope.declare(name, { kind: 'parameter', operand }))
    throw diagnostics.typeError(at, `'${name}' is declared twice`);
  return { kind: 'block', statements: [] };
}

function givenValue(context: CheckContext, { name, bounds, preset, at }: ParameterStatement): string {
  const { diagnostics, parameters } = context;
  if (preset !== undefined) {
    const problem = problemOf(bounds, preset);
    if (problem) throw diagnostics.typeError(at, `the preset of ${name} ${problem}`);
  }
  const given = parameters.take(name);
  const value = given ?? preset;
  if (value === undefined)
    throw diagnostics.error('PARAMETER_VALUE', at, `${name} has no preset, and nobody gave a value`);
  const problem = problemOf(bounds, value);
  if (problem) throw diagnostics.error('PARAMETER_VALUE', at, `the value of ${name} ${problem}`);
  return value;
}

/** Why `value` is not within `bounds`, to stand behind its name; undefined where it is. */
function problemOf(bounds: ParameterBounds, value: string): string | undefined {
  switch (bounds.kind) {
    case 'int': {
      if (!/^(?:0|-?[1-9][0-9]{0,18})$/.test(value)) return 'is not a whole number in decimal digits';
      const { least, most } = bounds;
      return BigInt(value) < least || BigInt(value) > most ? `is not in ${least}..${most}` : undefined;
    }
    case 'string': {
      const { least, most, pattern } = bounds;
      const bytes = Buffer.byteLength(value);
      if (bytes < least || bytes > most) return `has ${bytes} bytes, which is not in ${least}..${most}`;
      if (value.includes('\0')) return 'has a NUL, which would end it early';
      if (pattern === undefined || globMatches(pattern, value)) return undefined;
      return `does not match ${JSON.stringify(pattern)}`;
    }
    case 'enum':
    case 'symbol':
      return bounds.names.some(({ name }) => name === value)
        ? undefined
        : `is none of ${bounds.names.map(({ name }) => name).join(', ')}`;
  }
}

function operandOf(
  context: CheckContext,
  bounds: ParameterBounds,
  value: string,
  at: Offset,
): TypedExpression {
  return 'names' in bounds ? nameOperand(context, bounds, value) : plainOperand(context, bounds, value, at);
}

function plainOperand(
  { names }: CheckContext,
  bounds: Exclude<ParameterBounds, Names>,
  value: string,
  at: Offset,
): TypedExpression {
  if (bounds.kind === 'string') {
    const type = pointerTo(names.char);
    return { kind: 'parameter', type, value: { kind: 'string', type, bytes: Buffer.from(value), at }, at };
  }
  const type = typeFor(bounds.least, bounds.most);
  return { kind: 'parameter', type, value: { kind: 'constant', type, value: BigInt(value), at }, at };
}

/** The type is that of the bounds, and not of the value. */
function typeFor(least: bigint, most: bigint): CType {
  return least >= -(1n << 31n) && most < 1n << 31n ? BASIC.int : BASIC.long;
}

/** Each name is checked, so that no value can be wrong later. */
function nameOperand(context: CheckContext, bounds: Names, value: string): TypedExpression {
  return bounds.kind === 'enum' ? enumOperand(context, bounds, value) : symbolOperand(context, bounds, value);
}

/** The address of the variable, as a `void *`: functions are called by their names alone. */
function symbolOperand(context: CheckContext, { names: all }: Names, value: string): TypedExpression {
  const { names, diagnostics } = context;
  const found = all.map(({ name, at }) => {
    const { address, type } = diagnostics.located(at, () => onlyDataSymbol(name, undefined, names));
    if (/^[TtWw]$/.test(type)) throw diagnostics.typeError(at, `'${name}' is a function, and no variable`);
    return { kind: 'address' as const, type: pointerTo(BASIC.void), symbol: name, address, at };
  });
  return found.find(({ symbol }) => symbol === value)!;
}

function enumOperand(context: CheckContext, { names: all }: Names, value: string): TypedExpression {
  const found = all.map(({ name, at }) => {
    const operand = checkIdentifier(context, { kind: 'identifier', name, module: undefined, at });
    if (isLvalue(operand) || operand.kind !== 'constant')
      throw context.diagnostics.typeError(at, `'${name}' is no enumerator`);
    return { name, operand };
  });
  const ordered = found.map(({ operand }) => operand.value).sort((one, other) => (one < other ? -1 : 1));
  const type = typeFor(ordered[0]!, ordered.at(-1)!);
  const { operand } = found.find(({ name }) => name === value)!;
  return { kind: 'parameter', type, value: { ...operand, type }, at: operand.at };
}
