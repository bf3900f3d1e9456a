export {
  type CompiledCall,
  type CompiledCallee,
  type CompiledRead,
  Compiler,
  type CompilerInput,
} from './compile.ts';
export { KernelView, type KernelViewInput } from './kernel-view.ts';
