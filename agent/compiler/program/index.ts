export type { BinaryOperator, Expression, TypeName, UnaryOperator } from './ast.ts';
export { parseProgram } from './parse-program.ts';
export { type Offset, placeOf, programError } from './source.ts';
