export { type CheckProgramDeps, checkProgram, completeProgram } from './check-program.ts';
export { KernelShelf } from './kernel-shelf.ts';
export { type ListFunctionsDeps, listFunctions } from './list-functions.ts';
export { listKernels } from './list-kernels.ts';
export { TypesKeeper } from './types-keeper.ts';
export { TypesReplies } from './types-replies.ts';
