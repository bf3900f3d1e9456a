import { isInteger, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { isNullPointer } from '../conversions/index.ts';
import { assigned } from '../operators/index.ts';
import { isLvalue, type MarshalledValue, type ProgramResults } from '../tree/index.ts';

/**
 * The values of a program: of each `return`, and of its last expression. Numbers have the type of the first
 * one; where another kind of value is given, the result says its type.
 */
export class ProgramResult {
  readonly #context: CheckContext;
  readonly #all = new Map<Offset, MarshalledValue>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** What each gives, by where it stands; empty where the program has no value. */
  get all(): ProgramResults {
    return this.#all;
  }

  /**
   * One more value, of the statement at `at`, in the type that it is given with. Throws PROGRAM_TYPE for
   * numbers that do not fit.
   */
  add(value: MarshalledValue, at: Offset, valueAt = at): MarshalledValue {
    const [first] = this.#all.values();
    const given = first && this.#becomes(first, value) ? this.#converted(first, value, valueAt) : value;
    this.#all.set(at, given);
    return given;
  }

  #becomes(first: MarshalledValue, { type, form, source }: MarshalledValue): boolean {
    if (isLvalue(source) || first.form === 'bytes') return false;
    if (typeToC(first.type) === typeToC(type) && first.form === form) return false;
    const areNumbers = first.form === 'scalar' && isInteger(first.type) && isInteger(type);
    return areNumbers || (!isInteger(first.type) && isNullPointer(source));
  }

  #converted(first: MarshalledValue, { source }: MarshalledValue, at: Offset): MarshalledValue {
    if (isLvalue(source)) throw new Error('an object is converted');
    return {
      ...first,
      source: assigned(this.#context, first.type, source, at, 'the result of the program: '),
    };
  }
}
