import type { FarcallError } from '../../../../shared/errors/index.ts';
import type { FunctionType } from '../../ctype/index.ts';
import type { FunctionDefinition } from '../../program/index.ts';

/** A function of the program's own, as far as it is declared. */
export interface DeclaredFunction {
  readonly name: string;
  /**
   * With the names of its parameters once it is defined; where this kernel lacks one of its types, the error
   * that a call gets.
   */
  type: FunctionType | FarcallError;
  /** Undefined as long as only a prototype was seen. */
  definition: FunctionDefinition | undefined;
  /** How many names stand before its definition. */
  position: number;
}
