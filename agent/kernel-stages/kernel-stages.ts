import type { BuildFacts } from '../../shared/messages/index.ts';
import type { MayCall } from '../compiler/index.ts';
import type { HostPlan } from '../interpret/index.ts';
import type { JournaledCall } from '../journal/index.ts';
import type {
  CompiledCall,
  KernelHealth,
  KernelProbes,
  LoadReport,
  ReportedKernelFacts,
} from '../stages/index.ts';

/** How long a call may take. */
export interface LoadOptions {
  /** After this many milliseconds the call is reported as timed-out; it goes on, and so does watching it. */
  readonly timeoutMs: number;
  /** DER of the signature over the module; undefined if it goes in unsigned. */
  readonly signature?: Uint8Array | undefined;
}

/** What a compilation depends on beside the program and the kernel. */
export interface CompileOptions {
  readonly signed: boolean;
  /** The functions that pointers may hold; see `mayCall` of the policy. */
  readonly mayCall: MayCall;
  /** Turns that loops may make in all, as the request says; undefined: FUEL_DEFAULT. */
  readonly fuel?: number | undefined;
}

/** The limits of a plan. */
export interface PlanOptions {
  readonly moduleName: string;
  readonly timeoutMs: number;
  readonly reads: boolean;
  readonly mayCall: MayCall;
  readonly fuel?: number | undefined;
}

/**
 * The stages of a call that depend on this host's kernel. The rest of the agent is the same on every machine.
 */
export interface KernelStages {
  /**
   * What the kernel is and allows, read at each call. It is called after each order, so it must be cheap.
   * Throws FarcallError if it cannot be read.
   */
  facts(): ReportedKernelFacts;

  /**
   * The kernel's health, read at each call: before and after each kernel call, and at each heartbeat. Throws
   * FarcallError if it cannot be read.
   */
  health(): KernelHealth;

  /**
   * Compiles `program` against this kernel, without side effects. Throws PROGRAM_* if the program is at
   * fault, SYMBOL_* and KERNEL_LACKS if this kernel lacks what it names, PERMISSION if a program that only
   * reads can neither be interpreted nor loaded as a module, `signed` or not.
   */
  compile(program: string, moduleName: string, options: CompileOptions): CompiledCall;

  /**
   * Compiles `program` to a module, and returns all facts that it was compiled from. Throws what `compile`
   * throws.
   */
  recordBuild(
    program: string,
    moduleName: string,
    mayCall: MayCall,
    fuel: number | undefined,
  ): { readonly image: Uint8Array; readonly facts: BuildFacts };

  /**
   * What `program` would do on this kernel now; takes about `timeoutMs` at most, and yields to the event
   * loop. Without `reads` no memory is read, and nothing in the plan tells where the kernel is in memory.
   * Throws what `compile` throws.
   */
  plan(program: string, options: PlanOptions): Promise<HostPlan>;

  /**
   * The types and names of this kernel, by which programs are checked (a packed KernelTypes of
   * shared/messages). They hold no address. Takes up to some seconds and tens of MiB, and yields to the event
   * loop. Throws what `facts` throws.
   */
  types(): Promise<Uint8Array>;

  /**
   * WARNING: runs code in the kernel. Loads the module of `call`, and reports the outcome. A call without a
   * module only reads: it is interpreted, and nothing is loaded into the kernel.
   *
   * An error that is thrown becomes the outcome that `outcomeAfterIntent` gives for its code. An error that
   * is not a FarcallError, or whose code says nothing about the kernel (LOADER_FAILED, INTERNAL), becomes
   * `unknown`: the call was begun, and nobody can tell how far it went. So throw MODULE_REFUSED, PERMISSION
   * or KERNEL_LACKS only if it is certain that nothing ran: a retry is accepted after these.
   */
  load(call: JournaledCall, options: LoadOptions): Promise<LoadReport>;

  /** The modules that stay in the kernel when their program has ended. */
  readonly probes: KernelProbes;
}
