import type { FunctionType } from '../../ctype/index.ts';
import type { FunctionDefinition } from '../../program/index.ts';

/** A function of the program's own, as far as it is declared. */
export interface DeclaredFunction {
  readonly name: string;
  /** With the names of its parameters once it is defined. */
  type: FunctionType;
  /** Undefined as long as only a prototype was seen. */
  definition: FunctionDefinition | undefined;
  /** How many names stand before its definition. */
  position: number;
}
