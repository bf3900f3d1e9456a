export { BTF_KIND, Btf } from './btf/index.ts';
export { inputOf, permittedOf, type RecordedBuild, recordBuild, TEXT_START } from './build-facts/index.ts';
export { layoutData, type MachineCode, RESULT_HEADER } from './codegen/index.ts';
export {
  type CompiledCallee,
  type CompiledDeny,
  type CompiledModule,
  type CompiledRead,
  Compiler,
  type CompilerInput,
} from './compile/index.ts';
export type { CompletionPosition } from './completion/index.ts';
export {
  isSymbolName,
  type KernelSymbol,
  type ModuleAbi,
  NAME_MAX_BYTES,
  type SymbolTable,
  similarNames,
} from './facts/index.ts';
export type { Interpretation, Memory } from './interpreter/index.ts';
export {
  DENIED_CALLER,
  DENIED_CALLER_BYTES,
  DENIED_CALLERS,
  DENY_STATE,
  DENY_STATE_BYTES,
  NONE_PERMITTED,
  type PermittedFunction,
  type PermittedFunctions,
  printIr,
} from './ir/index.ts';
export { initFunctionNames } from './kmodule/index.ts';
export type {
  KernelFunction,
  LanguageService,
  LanguageServiceInput,
  ProgramAnalysis,
} from './language-service/index.ts';
export { openLanguageService } from './language-service/index.ts';
export {
  buildLoader,
  DELETE_AT_ONCE,
  GO_BYTES,
  IMAGE_LIMIT_BYTES,
  MODULE_CALLS,
  REPLY_HEADER_BYTES,
} from './loader/index.ts';
export {
  compareNames,
  isListedName,
  type NamedSymbol,
  NamedSymbols,
  type NameKind,
  nameLine,
} from './named-symbols/index.ts';
export { type MayCall, type PermittedInput, permittedFunctions } from './permitted/index.ts';
export type {
  IndirectCall,
  PlanEnding,
  PlannedAnswer,
  PlannedCallee,
  PlannedDeny,
  PlannedWatch,
  PlanStep,
  ProgramPlan,
} from './plan/index.ts';
export { Prelude, saysDeny } from './preprocessor/index.ts';
export { type ProgramEnd, type ReportedRows, rowsAreNotAll } from './result/index.ts';
