import { bare, type CType, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression, StatementLabel } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertAsByAssignment, promotedValue } from '../conversions/index.ts';
import { checkValue, constantOf } from '../expressions/index.ts';
import { requireInteger } from '../operators/index.ts';
import type { LabelTarget, SwitchCase, TypedExpression } from '../tree/index.ts';

/** Enumerators that a warning names. */
const NAMED_LIMIT = 3;

/** A case, and where it stands. */
type LocatedCase = SwitchCase & { readonly at: Offset };

/** The cases of one `switch` (C11 6.8.4.2), collected while its body is checked. */
export class SwitchCases {
  readonly value: TypedExpression;
  readonly guards: number;
  readonly #context: CheckContext;
  /** What it switches on before promotion: an enumeration is forgotten by that. */
  readonly #type: CType;
  readonly #cases: LocatedCase[] = [];
  readonly #single = new Map<bigint, LocatedCase>();
  readonly #ranges: LocatedCase[] = [];
  #otherwise: LabelTarget | undefined;

  /** `guards`: how many hold their locks around the switch. */
  constructor(context: CheckContext, value: TypedExpression, guards: number) {
    this.#context = context;
    this.guards = guards;
    this.#type = value.type;
    this.value = promotedValue(requireInteger(context, value, 'the value of a switch'));
  }

  get cases(): readonly SwitchCase[] {
    return this.#cases.map(({ low, high, label }) => ({ low, high, label }));
  }

  get otherwise(): LabelTarget | undefined {
    return this.#otherwise;
  }

  add(label: Exclude<StatementLabel, { kind: 'name' }>): LabelTarget {
    if (label.kind === 'default') return this.#addDefault(label.at);
    const { at } = label;
    const low = this.#constant(label.low);
    const high = label.high ? this.#constant(label.high) : low;
    if (low > high) throw this.#error(at, `the range ${low} ... ${high} is empty`);
    const other = this.#overlapping(low, high);
    if (other)
      throw this.#error(at, `line ${this.#context.diagnostics.lineOf(other.at)} already has this case`);
    const name = low === high ? `case ${low}` : `case ${low} ... ${high}`;
    const target: LabelTarget = { name, guards: this.guards };
    const added = { low, high, label: target, at };
    this.#cases.push(added);
    if (low === high) this.#single.set(low, added);
    else this.#ranges.push(added);
    return target;
  }

  /** Warns where a `switch` over an enumeration leaves out enumerators (gcc -Wswitch). */
  warnOfMissing(at: Offset): void {
    const plain = bare(this.#type);
    if (plain.kind !== 'enum' || this.#otherwise) return;
    const missing = plain
      .enumerators()
      .filter(({ value }) => !this.#cases.some(({ low, high }) => low <= value && value <= high))
      .map(({ name }) => name);
    if (missing.length === 0) return;
    const more = missing.length > NAMED_LIMIT ? ` and ${missing.length - NAMED_LIMIT} more` : '';
    const named = missing.slice(0, NAMED_LIMIT).join(', ');
    this.#context.diagnostics.warn(
      at,
      `this switch has no default, and no case for ${named}${more} of ${typeToC(plain)}`,
    );
  }

  /** Of thousands of cases most are single values, which are found at once. */
  #overlapping(low: bigint, high: bigint): LocatedCase | undefined {
    const isHit = (each: SwitchCase): boolean => low <= each.high && each.low <= high;
    const among = low === high ? this.#ranges : this.#cases;
    return this.#single.get(low) ?? among.find(isHit);
  }

  #addDefault(at: Offset): LabelTarget {
    if (this.#otherwise) throw this.#error(at, "a switch can have only one 'default'");
    this.#otherwise = { name: 'default', guards: this.guards };
    return this.#otherwise;
  }

  /** Converted to the promoted type of what is switched on (C11 6.8.4.2, 5). */
  #constant(expression: Expression): bigint {
    const value = constantOf(this.#context, expression, 'the value of a case');
    const constant = checkValue(this.#context, expression);
    const converted = convertAsByAssignment(this.value.type, constant);
    if (typeof converted === 'string' || converted.kind !== 'constant')
      throw this.#error(expression.at, `${typeToC(this.value.type)} cannot have the value ${value}`);
    return converted.value;
  }

  #error(at: Offset, message: string): Error {
    return this.#context.diagnostics.typeError(at, message);
  }
}
