export type { BackEnd, CodegenInput, FaultEntry, MachineCode, Relocation } from './back-end.ts';
export {
  type DataLayout,
  layoutData,
  RESULT_HEADER,
  RESULT_HEADER_BYTES,
  RESULT_LIMIT_BYTES,
  ROW_HEADER_BYTES,
} from './data-layout.ts';
export { type Emitters, generateProgram } from './generate-program.ts';
export { type FindFunction, firstOf, HELPERS } from './helpers.ts';
export { type CodeLabel, LabelledCode } from './labelled-code.ts';
export { MachineFrame } from './machine-frame.ts';
export { emitPointerCheck } from './pointer-check.ts';
export { type Stretch, StretchSlots, sharedTemps } from './temporary-slots.ts';
