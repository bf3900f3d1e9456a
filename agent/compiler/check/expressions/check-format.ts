import { bare, type CType, type FunctionType, isInteger, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { scalarLayout } from '../conversions/index.ts';
import type { TypedExpression } from '../tree/index.ts';

/** A call of a function that takes a format. */
export interface FormattedCall {
  readonly name: string;
  readonly type: FunctionType;
  readonly args: readonly TypedExpression[];
  readonly offsets: readonly Offset[];
  readonly at: Offset;
}

/** A value that a format takes, and the conversion that takes it, as it is written. */
interface Taken {
  readonly spelled: string;
  readonly wants: 'int' | 'long' | 'text' | 'pointer' | 'object';
}

/**
 * A conversion (Documentation/core-api/printk-formats.rst, v6.12); `%pS` and its like have letters behind.
 */
const CONVERSION =
  /%[-+ #0]*(?<width>\*|\d+)?(?:\.(?<precision>\*|\d+)?)?(?<size>hh|h|ll|l|L|z|Z|t|j|q|H)?(?:p(?<extension>[a-zA-Z0-9]*)|(?<letter>[a-zA-Z%]))/g;

/** Letters behind %p that only change how the address is written. */
const PLAIN_POINTERS = new Set(['', 'x', 'K']);

/**
 * Holds what a call gives to a format against it, where the format is a literal.
 *
 * Threat: the kernel takes what a format names from where the arguments would be, and reads texts from
 * there: `printk("%s\n", pid)` is an oops. gcc only warns of it, but here nobody runs the program before the
 * fleet does. Throws PROGRAM_TYPE for values that are missing, and for numbers that would be read as
 * addresses; warns of the rest.
 */
export function checkFormat({ diagnostics }: CheckContext, call: FormattedCall): void {
  const { name, args, offsets, at } = call;
  const index = formatIndex(call);
  if (index !== undefined && isParameter(args[index]!))
    throw diagnostics.typeError(
      offsets[index]!,
      `a parameter cannot be the format of '${name}': what it takes would depend on the value; write "%s" before it`,
    );
  const format = index === undefined ? undefined : textOf(args[index]!);
  if (index === undefined || format === undefined) return;
  const taken = takenBy(format);
  const given = args.slice(index + 1);
  if (given.length < taken.length) {
    const { spelled } = taken[given.length]!;
    throw diagnostics.typeError(
      at,
      `'${name}' is given ${count(given.length)}, and its format takes ${taken.length}: nothing is there for ${spelled}`,
    );
  }
  if (given.length > taken.length)
    diagnostics.warn(at, `'${name}' is given ${count(given.length)}, and its format takes ${taken.length}`);
  for (const [position, { spelled, wants }] of taken.entries()) {
    const value = given[position]!;
    const where = offsets[index + 1 + position]!;
    const type = typeToC(value.type);
    const isNumber = isInteger(value.type) && !(value.kind === 'constant' && value.value === 0n);
    if ((wants === 'text' || wants === 'object') && isNumber)
      throw diagnostics.typeError(
        where,
        `${spelled} reads memory at the address that it is given, and this is a number: ${type}`,
      );
    const why = misfit(wants, value.type);
    if (why) diagnostics.warn(where, `${spelled} ${why}, and this is ${type}`);
  }
}

/** Where the format of a call is: the last fixed parameter, if that is a text and the function a printer. */
function formatIndex({ name, type: { params, variadic } }: FormattedCall): number | undefined {
  const index = params.length - 1;
  if (!variadic || index < 0 || /scanf/.test(name)) return undefined;
  const pointer = bare(params[index]!.type);
  return pointer.kind === 'pointer' && isChar(pointer.to) ? index : undefined;
}

function isParameter(value: TypedExpression): boolean {
  return value.kind === 'convert' ? isParameter(value.operand) : value.kind === 'parameter';
}

function textOf(value: TypedExpression): string | undefined {
  if (value.kind === 'convert') return textOf(value.operand);
  return value.kind === 'string' ? Buffer.from(value.bytes).toString('latin1') : undefined;
}

function takenBy(format: string): Taken[] {
  return [...format.matchAll(CONVERSION)].flatMap(({ 0: whole, groups }): Taken[] => {
    const { width, precision, size = '', letter = 'p', extension = '' } = groups!;
    if (letter === '%') return [];
    const stars = [width, precision].filter(each => each === '*');
    const wants = wantedBy(letter, size, extension);
    return [...stars.map(() => ({ spelled: whole, wants: 'int' }) as const), { spelled: whole, wants }];
  });
}

function wantedBy(letter: string, size: string, extension: string): Taken['wants'] {
  if (letter === 's') return 'text';
  if (letter === 'p') return PLAIN_POINTERS.has(extension.charAt(0)) ? 'pointer' : 'object';
  return /^(?:ll|l|L|z|Z|t|j|q)$/.test(size) ? 'long' : 'int';
}

/** What is not as it should be, though nothing is read from a wrong place; undefined where all is well. */
function misfit(wants: Taken['wants'], type: CType): string | undefined {
  const plain = bare(type);
  const isPointer = plain.kind === 'pointer';
  const bytes = scalarLayout(type)?.sizeBytes;
  switch (wants) {
    case 'text':
      return isPointer && !isChar(plain.to) && bare(plain.to).kind !== 'void' ? 'takes a text' : undefined;
    case 'pointer':
    case 'object':
      return isPointer ? undefined : 'takes a pointer';
    case 'long':
      return isPointer || bytes !== 8 ? 'takes 64 bits' : undefined;
    case 'int':
      return isPointer || bytes === 8 ? 'takes 32 bits' : undefined;
  }
}

function isChar(type: CType): boolean {
  const plain = bare(type);
  return isInteger(plain) && scalarLayout(plain)?.sizeBytes === 1;
}

function count(values: number): string {
  return `${values} value${values === 1 ? '' : 's'}`;
}
