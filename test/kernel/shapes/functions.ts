import { S8, S32, SCALARS, type ShapeType, STRUCTS, U8, U64 } from './types.ts';

/** A function of the test module: it writes down what it gets, counts, and returns what is fixed here. */
export interface ShapeFunction {
  readonly name: string;
  readonly parameters: readonly ShapeType[];
  /** What it is called with: the values of each parameter's leaves. */
  readonly sent: readonly (readonly bigint[])[];
  /** Undefined for void. */
  readonly returns: ShapeType | undefined;
  readonly returned: readonly bigint[];
}

/** Values that differ in every byte and in sign, the same at each run. */
class Values {
  #state = 0x9e3779b97f4a7c15n;

  of({ leaves }: ShapeType): bigint[] {
    return leaves.map(({ bits, signed }) => {
      this.#state = BigInt.asUintN(64, this.#state * 6364136223846793005n + 1442695040888963407n);
      // One bit less of the unsigned 64: all are printed as long long.
      const wide = this.#state >> (bits === 64 && !signed ? 1n : 0n);
      const top = wide >> BigInt(bits === 64 ? 0 : 64 - bits);
      return signed ? BigInt.asIntN(bits, top) : BigInt.asUintN(bits, top);
    });
  }
}

/** As many arguments as any kernel function has. */
const MOST_ARGUMENTS = 18;

/** Every function of the module. */
export function shapeFunctions(): readonly ShapeFunction[] {
  const values = new Values();
  const make = (name: string, parameters: readonly ShapeType[], returns?: ShapeType): ShapeFunction => ({
    name: `fc_${name}`,
    parameters,
    sent: parameters.map(parameter => values.of(parameter)),
    returns,
    returned: returns ? values.of(returns) : [],
  });
  const cycled = (index: number): ShapeType => SCALARS[index % SCALARS.length]!;
  const counts = Array.from({ length: MOST_ARGUMENTS + 1 }, (_, count) => count);
  return [
    ...counts.map(count =>
      make(
        `args_${count}`,
        Array.from({ length: count }, (_, index) => cycled(count * 5 + index)),
        cycled(count),
      ),
    ),
    ...SCALARS.map((type, index) => make(`scalar_${index}`, [type, type], type)),
    make('void', [S32]),
    ...STRUCTS.flatMap(type => {
      const name = type.c.replace('struct fc_', '');
      return [
        make(`take_${name}`, [S8, type, S32], U64),
        // Of six registers five are taken: what needs two goes to the stack, and the next argument takes the
        // sixth (x86-64).
        make(`tail_${name}`, [U8, S8, S32, U64, S8, type, S32, U8], S32),
        // Of eight seven: what needs two goes to the stack, and all that follows (AArch64).
        make(`edge_${name}`, [U8, S8, S32, U64, S8, S32, U8, type, S32, U64], U8),
        make(`give_${name}`, [S32], type),
        make(`same_${name}`, [type, type], type),
      ];
    }),
  ];
}
