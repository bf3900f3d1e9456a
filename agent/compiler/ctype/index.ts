export { BtfTypes } from './btf-to-ctype.ts';
export {
  type ArrayType,
  BASIC,
  type BareType,
  bare,
  type CType,
  constOf,
  type DefinitionId,
  type EnumType,
  type FunctionType,
  type IntType,
  isConst,
  isInteger,
  isVolatile,
  type ParamType,
  type PointerType,
  pointerTo,
  type RecordType,
  sizeOf,
  volatileOf,
} from './ctype.ts';
export { innerTypes } from './inner-types.ts';
export {
  type Alignment,
  alignmentOf,
  findMember,
  hasFloat,
  type Member,
  memberNames,
  recordMembers,
} from './members.ts';
export { prototypeToC, typeToC } from './type-to-c.ts';
