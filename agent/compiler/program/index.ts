export type {
  AssignmentOperator,
  BinaryOperator,
  Declaration,
  Derivation,
  Designator,
  EnumeratorDeclaration,
  Expression,
  Initializer,
  Label,
  MemberDeclaration,
  Program,
  Statement,
  TypeBase,
  TypeName,
  UnaryOperator,
} from './ast.ts';
export { parseProgram } from './parse-program.ts';
export { Prelude } from './prelude.ts';
export { excerptAt, type Offset, placeOf, programError } from './source.ts';
