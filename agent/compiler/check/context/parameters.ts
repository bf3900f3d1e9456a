import { FarcallError } from '../../../../shared/errors/index.ts';
import { parameterValues } from '../../../../shared/library/index.ts';

/** The values that were given for the parameters of a program, by name. */
export type ParameterValues = ReadonlyMap<string, string>;

/** The values in `text`. Throws PARAMETER_VALUE where it is not the one JSON text for them. */
export function readParameterValues(text: string): ParameterValues {
  const values = parameterValues(text);
  if (values) return values;
  throw new FarcallError('PARAMETER_VALUE', 'the values for the parameters are not in canonical JSON');
}

/** Values of parameters, of which each is taken once. */
export class Parameters {
  readonly #left: Map<string, string>;
  readonly #declared: string[] = [];

  constructor(values: ParameterValues = new Map()) {
    this.#left = new Map(values);
  }

  /** The value that was given for `name`; undefined where none was. */
  take(name: string): string | undefined {
    const value = this.#left.get(name);
    this.#left.delete(name);
    this.#declared.push(name);
    return value;
  }

  /** Throws PARAMETER_VALUE where a value is for no parameter: its giver means another program. */
  settle(): void {
    const [name] = this.#left.keys();
    if (name === undefined) return;
    const has = this.#declared.length === 0 ? 'none' : this.#declared.join(', ');
    throw new FarcallError('PARAMETER_VALUE', `the program has no parameter '${name}'; it has ${has}`);
  }
}
