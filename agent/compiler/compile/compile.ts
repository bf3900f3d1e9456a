import { FarcallError } from '../../../shared/errors/index.ts';
import { type Effect, FUEL_DEFAULT } from '../../../shared/messages/index.ts';
import {
  type CalledFunction,
  type CheckedProgram,
  checkProgram,
  denyText,
  effectOf,
  type Warning,
  watchText,
  writesByKind,
} from '../check/index.ts';
import { backEndFor, type FindFunction, layoutData } from '../codegen/index.ts';
import { prototypeToC, typeToC } from '../ctype/index.ts';
import type { ModuleAbi, SymbolTable } from '../facts/index.ts';
import { type Interpretation, interpret, type Memory } from '../interpreter/index.ts';
import {
  type CallTarget,
  type HandlerProgram,
  type IrProgram,
  type LoweringOptions,
  lowerProgram,
  NONE_PERMITTED,
  type PermittedFunctions,
} from '../ir/index.ts';
import {
  buildModule,
  type FaultHandler,
  faultHandler,
  type StructModuleLayout,
  structModuleLayout,
} from '../kmodule/index.ts';
import { RESULT_ADDRESS } from '../loader/index.ts';
import {
  type IndirectCall,
  type PlannedAnswer,
  type PlannedCallee,
  type PlannedDeny,
  type PlannedWatch,
  type ProgramPlan,
  planProgram,
} from '../plan/index.ts';
import { locationOf, type SourceText } from '../preprocessor/index.ts';
import { parseProgram } from '../program/index.ts';
import { type ProgramEnd, type ReportedRows, readReported, readResultArea } from '../result/index.ts';
import { KernelView, type KernelViewInput } from './kernel-view.ts';

/** A function that a compiled program calls. */
export interface CompiledCallee {
  readonly name: string;
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
  readonly address: bigint;
  /** Other names of the same function: symbols at its address. */
  readonly aliases?: readonly string[];
  /** `int _printk(const char *fmt, ...)` */
  readonly prototype: string;
}

/** A deny of a module, and where in the `.bss` of the module its numbers are. */
export interface CompiledDeny extends PlannedDeny {
  /** See `DENY_STATE`. */
  readonly stateAt: number;
  /** u64: entries of the function that the kernel did not bring to the probe. */
  readonly missedAt: number;
}

/** A call program, compiled for one kernel. */
export interface CompiledModule {
  /** The kernel module, unsigned. */
  readonly image: Uint8Array;
  readonly moduleName: string;
  /** What it may do at most: write to kernel memory, call functions (which may do anything), or only read. */
  readonly effect: Effect;
  readonly callees: readonly CompiledCallee[];
  /** Where it calls, or passes on, a pointer whose function it does not name. The IR tells. */
  readonly indirectCalls: readonly IndirectCall[];
  /** Its watches, in the order of the text. */
  readonly watches: readonly PlannedWatch[];
  /** Its denies, likewise. Where it has some, the module may stay in the kernel. */
  readonly denies: readonly CompiledDeny[];
  /** Size of the result area that the module copies out. */
  readonly resultBytes: number;
  /** Warnings, as a C compiler gives them. */
  readonly warnings: readonly Warning[];
  readonly ir: IrProgram;
  /** The code of the init function alone, for a disassembler. */
  readonly text: Uint8Array;
  /** The name of the CPU for `objdump -m`. */
  readonly objdumpMachine: string;
  /** Reads the result area once it has come back. */
  readonly readResult: (area: Uint8Array) => ProgramEnd;
  /** What the area holds of a program that has not ended, or was left off. */
  readonly readReported: (area: Uint8Array) => ReportedRows;
}

/** A call program that only reads, compiled for one kernel: no module is needed for it. */
export interface CompiledRead
  extends Omit<CompiledModule, 'image' | 'effect' | 'resultBytes' | 'text' | 'objdumpMachine'> {
  readonly image: undefined;
  readonly effect: 'read';
  /**
   * Begins the program over `memory`, which must be that of the kernel that it was compiled for. Its area is
   * for `readResult`. It may be left off at any time: nothing remains of it.
   */
  readonly interpret: (memory: Memory) => Interpretation;
}

/** A checked program, and what it is given. */
interface Checked extends Required<LoweringOptions> {
  readonly checked: CheckedProgram;
}

/** The most memory that an interpreted program may have to itself: agents stay small. */
const OWN_LIMIT_BYTES = 16 << 20;

/** One kernel, as far as the compiler must know it. */
export interface CompilerInput extends KernelViewInput {
  readonly abi: ModuleAbi;
}

/** Compiles call programs for one kernel. Pure: bytes and facts in, an image or a FarcallError out. */
export class Compiler {
  readonly #input: CompilerInput;
  readonly #view: KernelView;
  #layout: StructModuleLayout | undefined;
  #faultHandler: FaultHandler | undefined;

  constructor(input: CompilerInput) {
    this.#input = input;
    // vermagic begins with the release (include/linux/vermagic.h, v6.12).
    this.#view = new KernelView({ ...input, release: input.abi.vermagic.split(' ')[0] });
  }

  /**
   * Compiles `program` to a module named `moduleName`: parse, check against BTF, lower, generate, wrap. The
   * same program, name, kernel and permitted functions give the same bytes. A pointer to a function that the
   * program does not name may hold what `permitted` lists; its loops may make `fuel` turns in all. Throws
   * PROGRAM_*, SYMBOL_* with the location, or KERNEL_LACKS.
   */
  compile(
    program: string,
    moduleName: string,
    permitted = NONE_PERMITTED,
    fuel = FUEL_DEFAULT,
  ): CompiledModule {
    return this.#toModule(moduleName, { checked: this.#check(program), permitted, fuel });
  }

  /**
   * The same, but for a program that only reads: that is made ready to be interpreted, and has no image,
   * unless the kernel lacks what finds its tasks by reading alone. For where the kernel's memory can be read.
   */
  compileWithoutModule(
    program: string,
    moduleName: string,
    permitted = NONE_PERMITTED,
    fuel = FUEL_DEFAULT,
  ): CompiledModule | CompiledRead {
    const checked = this.#check(program);
    if (effectOf(checked) !== 'read') return this.#toModule(moduleName, { checked, permitted, fuel });
    try {
      return this.#toRead(moduleName, { checked, fuel });
    } catch (error) {
      if (!(error instanceof FarcallError) || error.code !== 'KERNEL_LACKS') throw error;
      return this.#toModule(moduleName, { checked, permitted, fuel });
    }
  }

  /**
   * What `program` would do on this kernel now, as far as reading `memory` tells; nothing is called or
   * written. Without memory, or where the kernel lacks what finds its tasks by reading alone, only names,
   * types and effect are known; `unread` goes through the program and takes as unknown whatever it would
   * read. It yields often, and may be left off at any time.
   */
  *plan(
    program: string,
    memory: Memory | 'unread' | undefined,
    permitted = NONE_PERMITTED,
    fuel = FUEL_DEFAULT,
  ): Generator<undefined, ProgramPlan> {
    const { symbols } = this.#input;
    const checked = this.#check(program);
    const callees = checked.callees.map(callee => plannedCallee(callee, symbols));
    const { warnings } = checked;
    const fitting = forEffect(permitted, checked);
    const indirectCalls = describeIndirectCalls(
      lowerProgram(checked, 'module', { permitted: fitting }),
      checked.source,
    );
    const answers = plannedAnswers(checked);
    const watches = describeWatches(checked, symbols);
    const denies = describeDenies(checked, symbols);
    const head = { effect: effectOf(checked), callees, indirectCalls, watches, denies, warnings, answers };
    if (!memory) return { ...head, ...UNREAD };
    try {
      return {
        ...head,
        ...(yield* planProgram({ checked, symbols, memory, permitted: fitting, fuel })),
      };
    } catch (error) {
      if (!(error instanceof FarcallError) || error.code !== 'KERNEL_LACKS') throw error;
      const text = `only a module can tell what this program asks: ${error.message}`;
      return { ...head, ...UNREAD, ending: { kind: 'unread', text } };
    }
  }

  #check(program: string): CheckedProgram {
    const { preprocessed, names, isTypedef, ...known } = this.#view.read(program);
    return checkProgram(preprocessed.source, parseProgram(preprocessed, isTypedef), names, known);
  }

  #toRead(moduleName: string, { checked, fuel }: Omit<Checked, 'permitted'>): CompiledRead {
    const ir = lowerProgram(checked, 'interpreter', { fuel });
    const { sizeBytes } = layoutData(ir);
    if (sizeBytes > OWN_LIMIT_BYTES)
      throw new FarcallError(
        'PROGRAM_TOO_LARGE',
        `the program needs ${sizeBytes} bytes of memory; the limit is ${OWN_LIMIT_BYTES}`,
      );
    const { results, rows, warnings, callees } = checked;
    const { symbols } = this.#input;
    return {
      image: undefined,
      moduleName,
      effect: 'read',
      callees: callees.map(callee => describeCallee(callee, symbols)),
      indirectCalls: [],
      watches: [],
      denies: [],
      warnings,
      ir,
      readResult: area => readResultArea({ area, program: checked.source, results, rows, symbols, fuel }),
      readReported: area => readReported({ area, program: checked.source, results, rows, symbols, fuel }),
      interpret: memory => interpret(ir, memory, symbols),
    };
  }

  /**
   * Throws KERNEL_LACKS where this kernel checks the types of what it calls (kCFI), and nobody knows the word
   * that it looks for before a handler: the first hit would stop the host.
   */
  #needHash(kind: HandlerProgram['kind']): void {
    const { symbols, abi } = this.#input;
    const hash = kind === 'entry' ? abi.kcfiEntryHash : abi.kcfiReturnHash;
    if (hash !== undefined || symbols.lookup('report_cfi_failure').length === 0) return;
    throw new FarcallError(
      'KERNEL_LACKS',
      'this kernel checks the types of handlers of probes (kCFI), and tells farcall no handler of its own to take the type from',
    );
  }

  #toModule(moduleName: string, { checked, permitted, fuel }: Checked): CompiledModule {
    const { arch, abi, symbols } = this.#input;
    const ir = lowerProgram(checked, 'module', { permitted: forEffect(permitted, checked), fuel });
    const backEnd = backEndFor(arch);
    const code = backEnd.generate({
      program: ir,
      findFunction: this.#findFunction,
      userAddress: RESULT_ADDRESS,
    });
    for (const { kind } of ir.handlers) this.#needHash(kind);
    const image = buildModule({
      arch,
      name: moduleName,
      code,
      abi,
      layout: this.#moduleLayout(),
      faultHandler: () => this.#exceptionHandler(),
    });
    const { results, rows, warnings, callees, source } = checked;
    const { writes = [], hasUnrecorded = false, localBytes } = ir;
    const written =
      writes.length > 0 || hasUnrecorded ? { writes, hasUnrecorded, ownBytes: localBytes } : undefined;
    const known = { program: source, results, rows, symbols, fuel, written };
    return {
      image,
      moduleName,
      effect: effectOf(checked),
      callees: callees.map(callee => describeCallee(callee, symbols)),
      indirectCalls: describeIndirectCalls(ir, checked.source),
      watches: describeWatches(checked, symbols),
      denies: compiledDenies(checked, symbols, ir),
      resultBytes: layoutData(ir).resultBytes,
      warnings,
      ir,
      text: code.text,
      objdumpMachine: backEnd.objdumpMachine,
      readResult: area => readResultArea({ area, ...known }),
      readReported: area => readReported({ area, ...known }),
    };
  }

  #moduleLayout(): StructModuleLayout {
    this.#layout ??= structModuleLayout(this.#input.btf);
    return this.#layout;
  }

  #exceptionHandler(): FaultHandler {
    this.#faultHandler ??= faultHandler(this.#input.btf, this.#input.symbols);
    return this.#faultHandler;
  }

  readonly #findFunction: FindFunction = name => {
    const symbol = this.#input.symbols.lookup(name).find(({ module }) => module === undefined);
    return symbol && { name, address: symbol.address };
  };
}

/** What is known of the steps of a program where no memory can be read. */
const UNREAD = {
  steps: [],
  droppedSteps: 0,
  ending: { kind: 'unread', text: 'the memory of this kernel cannot be read' },
  rows: [],
  droppedRows: 0,
  notes: [],
} as const satisfies Partial<ProgramPlan>;

function describeWatches({ watches, source }: CheckedProgram, symbols: SymbolTable): PlannedWatch[] {
  return watches.map(watch => {
    const { watched, forMs, until, atMost, at } = watch;
    const { name, module } = watched;
    const aliases = aliasesOf(watched, symbols);
    const text = watchText(watch);
    return { name, module, aliases, forMs, until, atMost, text, ...locationOf(source, at) };
  });
}

function describeDenies({ denies, source }: CheckedProgram, symbols: SymbolTable): PlannedDeny[] {
  return denies.map(deny => {
    const { denied, lifeMs, valueText: value, conditionText: condition, isAwaited, at } = deny;
    const { name, module } = denied;
    const aliases = isAwaited ? [] : aliasesOf(denied, symbols);
    return {
      name,
      module,
      aliases,
      prototype: prototypeToC(name, denied.type),
      isAwaited,
      lifeMs,
      value,
      condition,
      text: denyText(deny),
      ...locationOf(source, at),
    };
  });
}

/** Those to which the program can come, and where their numbers are. */
function compiledDenies(checked: CheckedProgram, symbols: SymbolTable, ir: IrProgram): CompiledDeny[] {
  const { locals } = layoutData(ir);
  return describeDenies(checked, symbols).flatMap((deny, index) => {
    const { at } = checked.denies[index]!;
    const place = ir.resident?.denies.find(({ sourceOffset }) => sourceOffset === at);
    return place ? [{ ...deny, stateAt: locals + place.state, missedAt: locals + place.missed }] : [];
  });
}

function plannedAnswers({ answers, source }: CheckedProgram): PlannedAnswer[] {
  return answers.map(({ question, answer, at }) => {
    return { question, answer: Number(answer), ...locationOf(source, at) };
  });
}

function plannedCallee({ name, module, address, type }: CalledFunction, symbols: SymbolTable): PlannedCallee {
  const prototype = prototypeToC(name, type);
  const where = `0x${address.toString(16)}`;
  const aliases = aliasesOf({ name, address }, symbols);
  return { name, ...(module === undefined ? {} : { module }), prototype, address: where, aliases };
}

/**
 * Threat: a program that is declared as a call reaches a function that writes by its kind through a pointer.
 * So only programs that write may find such functions there.
 */
function forEffect(permitted: PermittedFunctions, checked: CheckedProgram): PermittedFunctions {
  if (effectOf(checked) === 'write') return permitted;
  return prototype => permitted(prototype).filter(({ name }) => writesByKind(name) === undefined);
}

function describeIndirectCalls({ pointerChecks }: IrProgram, program: SourceText): IndirectCall[] {
  return pointerChecks
    .filter(({ isNamed }) => !isNamed)
    .map(({ prototype, permitted, sourceOffset }) => {
      const { line, column } = locationOf(program, sourceOffset);
      return { line, column, prototype: typeToC(prototype), permitted: permitted.map(({ name }) => name) };
    });
}

function aliasesOf({ name, address }: CallTarget, symbols: SymbolTable): readonly string[] {
  return (symbols.namesAt?.(address) ?? []).filter(other => other !== name);
}

function describeCallee(
  { name, module, address, type }: CalledFunction,
  symbols: SymbolTable,
): CompiledCallee {
  const aliases = aliasesOf({ name, address }, symbols);
  return { name, module, address, aliases, prototype: prototypeToC(name, type) };
}
