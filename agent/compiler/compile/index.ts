export {
  type CompiledCallee,
  type CompiledDeny,
  type CompiledModule,
  type CompiledRead,
  Compiler,
  type CompilerInput,
} from './compile.ts';
export { KernelView, type KernelViewInput, type ReadProgram } from './kernel-view.ts';
