import type { BuildFacts } from '../../shared/messages/index.ts';
import type { HostPlan } from '../interpret/index.ts';
import type { JournaledCall } from '../journal/index.ts';
import type { CompiledCall, KernelHealth, LoadReport, ReportedKernelFacts } from '../stages/index.ts';

/** How long a call may take. */
export interface LoadOptions {
  /** After this many milliseconds it is reported as timed-out, and watched on. */
  readonly timeoutMs: number;
  /** DER of the signature over the module; undefined where it goes in unsigned. */
  readonly signature?: Uint8Array | undefined;
}

/** What a plan may do. */
export interface PlanOptions {
  readonly moduleName: string;
  readonly timeoutMs: number;
  readonly reads: boolean;
}

/** The stages of a call that know this host's kernel; all else of the agent is the same on every machine. */
export interface KernelStages {
  /**
   * What the kernel is and lets us do, read anew; asked after each order, so it must be cheap. Throws
   * FarcallError where it cannot be read.
   */
  facts(): ReportedKernelFacts;

  /**
   * How the kernel is, read anew; asked around each call and at each heartbeat. Throws FarcallError where it
   * cannot be read.
   */
  health(): KernelHealth;

  /**
   * Compiles `program` against this kernel. Touches nothing and remembers nothing. Throws PROGRAM_* where the
   * program is at fault, SYMBOL_* and KERNEL_LACKS where this kernel lacks what it names, PERMISSION where a
   * program that only reads can be run in no way, with a module that is `signed` or not.
   */
  compile(program: string, moduleName: string, options: { readonly signed: boolean }): CompiledCall;

  /** Compiles `program` to a module, and says all that it was compiled from. Throws what `compile` throws. */
  recordBuild(
    program: string,
    moduleName: string,
  ): { readonly image: Uint8Array; readonly facts: BuildFacts };

  /**
   * What `program` would do on this kernel now; takes at most about `timeoutMs`, and gives way to others
   * meanwhile. Without `reads` no memory is read, and nothing in the plan tells where the kernel lies. Throws
   * what `compile` throws.
   */
  plan(program: string, options: PlanOptions): Promise<HostPlan>;

  /**
   * What a check of programs needs to know of this kernel (a packed KernelTypes of shared/messages); nothing
   * in it tells where anything lies. Takes up to some seconds and tens of MiB, and gives way to others
   * meanwhile. Throws what `facts` throws.
   */
  types(): Promise<Uint8Array>;

  /**
   * WARNING: runs code in the kernel. Loads the module of `call`, and reports what came of it. A call without
   * a module only reads: it is interpreted, and nothing gets into the kernel.
   *
   * What is thrown becomes the outcome that `outcomeOfCode` gives for its code; an error that is no
   * FarcallError, or whose code says nothing about the kernel (LOADER_FAILED, INTERNAL), becomes `unknown`,
   * because the call was begun and nobody can say how far it came. So throw MODULE_REFUSED, PERMISSION or
   * KERNEL_LACKS only where it is certain that nothing was run: a retry is accepted after these.
   */
  load(call: JournaledCall, options: LoadOptions): Promise<LoadReport>;
}
