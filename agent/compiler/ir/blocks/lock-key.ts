import { isLvalue, type Lvalue, type TypedExpression, type Variable } from '../../check/index.ts';

/** Tells by their text which locks of a program are the same one. */
export class LockKeys {
  readonly #numbers = new Map<Variable, number>();
  #others = 0;

  /** Equal for equal expressions; of what calls or stores, each is another. */
  of(value: TypedExpression | Lvalue): string {
    if (isLvalue(value)) return this.#lvalue(value);
    switch (value.kind) {
      case 'constant':
        return String(value.value);
      case 'address':
        return `${value.symbol}@${value.address}`;
      case 'convert':
        return this.of(value.operand);
      case 'read':
        return `*${this.#lvalue(value.lvalue)}`;
      case 'reference':
        return this.#lvalue(value.lvalue);
      case 'arithmetic':
        return `(${this.of(value.left)}${value.operator}${this.of(value.right)})`;
      default:
        return `other ${this.#others++}`;
    }
  }

  #lvalue(lvalue: Lvalue): string {
    if (lvalue.kind === 'memory') return plus(this.of(lvalue.address), lvalue.offset);
    let number = this.#numbers.get(lvalue.variable);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(lvalue.variable, number);
    }
    return plus(`v${number}`, lvalue.offset);
  }
}

function plus(base: string, offset: number): string {
  return offset === 0 ? base : `${base}+${offset}`;
}
