import { typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { assigned } from '../operators/index.ts';
import { isLvalue, type MarshalledValue } from '../tree/index.ts';

/** The value of a program: its first `return`, or its last expression, settles the type of all. */
export class ProgramResult {
  readonly #context: CheckContext;
  #first: MarshalledValue | undefined;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** What the first gave; undefined where there is none. */
  get first(): MarshalledValue | undefined {
    return this.#first;
  }

  /** One more value, in the type of the first. Throws PROGRAM_TYPE where it cannot have that. */
  add(value: MarshalledValue, at: Offset): MarshalledValue {
    const first = this.#first;
    if (!first) {
      this.#first = value;
      return value;
    }
    const same = typeToC(first.type) === typeToC(value.type);
    if (same && first.form === value.form) return value;
    if (isLvalue(value.source) || first.form === 'bytes')
      throw this.#context.diagnostics.typeError(
        at,
        `this return gives ${typeToC(value.type)}, but an earlier one gives ${typeToC(first.type)}`,
      );
    const source = assigned(this.#context, first.type, value.source, at, 'the result of the program: ');
    return { ...first, source };
  }
}
