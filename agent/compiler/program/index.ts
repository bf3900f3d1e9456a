export type {
  AssignmentOperator,
  BinaryOperator,
  Declaration,
  Derivation,
  Designator,
  EnumeratorDeclaration,
  Expression,
  FunctionDefinition,
  Initializer,
  MemberDeclaration,
  Program,
  Statement,
  StatementLabel,
  TypeBase,
  TypeName,
  UnaryOperator,
  WatchMoment,
  WatchStatement,
} from './ast.ts';
export { Cursor, NESTING_LIMIT, OPERATOR_LIMIT } from './cursor.ts';
export type { DenyStatement } from './deny-statement.ts';
export type { ParameterBounds, ParameterName, ParameterStatement } from './parameter-statement.ts';
export { LIFE_UNITS_MS } from './parse-deny.ts';
export { type ParsedLibrary, parseLibrary, parseProgram } from './parse-program.ts';
export { parseStatement } from './parse-statement.ts';
export { parseTypeName, startsTypeName } from './parse-type-name.ts';
export { type ParsedText, parseWithErrors } from './parse-with-errors.ts';
export { type IsTypedef, Parser } from './parser.ts';
