export type {
  AssignmentOperator,
  BinaryOperator,
  Declaration,
  Derivation,
  Designator,
  Expression,
  Initializer,
  Program,
  Statement,
  TypeName,
  UnaryOperator,
} from './ast.ts';
export { parseProgram } from './parse-program.ts';
export { type Offset, placeOf, programError } from './source.ts';
