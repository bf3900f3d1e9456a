import { type ErrorCode, FarcallError } from '../../../../shared/errors/index.ts';
import { type FunctionType, prototypeToC } from '../../ctype/index.ts';
import type { KernelSymbol } from '../../facts/index.ts';
import type { CalledFunction } from '../tree/index.ts';
import { assemblerPrototype, whyNoCall, withoutStandIns } from './assembler-functions.ts';
import { insteadOf } from './instead.ts';
import type { KernelNames } from './kernel-names.ts';
import { type LockCall, lockCall, lockKind } from './lock-kinds.ts';
import { didYouMean, nearestNames } from './nearest-names.ts';
import { moduleOf, onlySymbol } from './symbol-position.ts';

/** nm(1)'s letters for text: global, local, weak. */
const TEXT_LETTERS = new Set(['T', 't', 'W', 'w']);

/** How many near names an error suggests. */
const SUGGESTIONS = 3;

/**
 * The function `name` of this kernel, with its address and prototype.
 *
 * Threat: a call to the wrong address, or with another convention than the code has, corrupts a kernel. So a
 * name counts only where BTF and the symbol table agree on exactly one function: `.constprop` and `.isra`
 * clones take other arguments than their source says, `.part` and `.cold` are fragments, several symbols of
 * one name may be any of them, and `__init` text has long been given back and holds something else. Throws
 * SYMBOL_* naming what there is instead.
 */
export function resolveFunction(
  name: string,
  module: string | undefined,
  names: KernelNames,
): CalledFunction {
  const symbol = onlyTextSymbol(name, module, names);
  const holder = symbol?.module ?? moduleOf(module);
  const prototype = onlyPrototype(name, holder, names);
  if (!symbol && module !== undefined && names.symbols.variants(name).length === 0)
    throw notInModule(name, module, 'function');
  if (!symbol) throw whyNotCallable(name, prototype !== undefined, names);
  if (!prototype) {
    throw problem(
      'SYMBOL_NOT_CALLABLE',
      `this kernel has '${name}', but no type information says how to call it; declare it (extern int ${name}(…);)`,
    );
  }
  refuseInitText(symbol, names);
  return { name, module: symbol.module, address: symbol.address, type: prototype };
}

/** Symbols in text that are no functions, by the beginnings of their names, and what they are. */
const NO_FUNCTIONS: readonly (readonly [prefixes: readonly string[], what: string])[] = [
  [['__pfx_', '__cfi_'], 'is the padding before a function: a call of it would run that function'],
  [['__x86_indirect_', '__SCT__', 'srso_', 'retbleed_'], 'jumps to where a register or a variable points'],
];

/**
 * Why a text symbol is no function; undefined if nothing is known against it.
 *
 * Threat: a call of `__pfx_panic` falls through to `panic`, and one of `__x86_indirect_thunk_rdi` goes to its
 * argument. A policy that denies `panic` would see neither.
 */
function whyNoFunction(name: string): string | undefined {
  return (
    whyNoCall(name) ??
    NO_FUNCTIONS.find(([prefixes]) => prefixes.some(prefix => name.startsWith(prefix)))?.[1]
  );
}

/** The text symbol `name` of this kernel, or of `module`. Throws SYMBOL_AMBIGUOUS where there are several. */
export function onlyTextSymbol(
  name: string,
  module: string | undefined,
  names: KernelNames,
): KernelSymbol | undefined {
  const why = whyNoFunction(name);
  if (why) throw problem('SYMBOL_NOT_CALLABLE', `'${name}' ${why}`);
  const symbols = names.symbols.lookup(name).filter(({ type }) => TEXT_LETTERS.has(type));
  return onlySymbol(symbols, { name, module, what: 'function', table: names.symbols });
}

function onlyPrototype(
  name: string,
  module: string | undefined,
  names: KernelNames,
): FunctionType | undefined {
  const prototypes = withoutStandIns(name, names.prototypes(name, module));
  // Sources may name the parameters in other ways; that makes no other function.
  const different = new Map(prototypes.map(type => [prototypeToC(name, withoutParameterNames(type)), type]));
  if (different.size > 1) {
    const list = [...different.values()].map(type => prototypeToC(name, type)).join('; ');
    throw problem(
      'SYMBOL_AMBIGUOUS',
      `this kernel's BTF has several prototypes for '${name}': ${list}; declare the right one (extern … ${name}(…);)`,
    );
  }
  const [found] = prototypes;
  return (module === undefined ? assemblerPrototype(name, found) : undefined) ?? found;
}

function withoutParameterNames(type: FunctionType): FunctionType {
  return { ...type, params: type.params.map(({ type: ofParam }) => ({ type: ofParam, name: '' })) };
}

function whyNotCallable(name: string, hasPrototype: boolean, names: KernelNames): FarcallError {
  const lock = lockCall(name);
  if (lock)
    return problem('SYMBOL_INLINED', `this kernel has '${name}' inline only${guardInstead(lock, names)}`);
  const variants = names.symbols.variants(name).map(symbol => symbol.name);
  const clones = variants.filter(variant => /\.(constprop|isra)\b/.test(variant));
  if (clones.length > 0) {
    return problem(
      'SYMBOL_NOT_CALLABLE',
      `this kernel's compiler replaced '${name}' by '${clones.join("', '")}' (${clones.map(whatClone).join('; ')}); its types are those of the source, so nobody knows how to call it`,
    );
  }
  if (variants.length > 0 || hasPrototype) {
    const rest =
      variants.length > 0
        ? `; only fragments are left: ${variants.map(each => `${each} (${whatClone(each)})`).join(', ')}`
        : '';
    return problem('SYMBOL_INLINED', `this kernel's compiler inlined '${name}' into its callers${rest}`);
  }
  return unknownName(name, 'function', names);
}

/** Kernels that have a lock's own functions inline may have others by which a guard holds it. */
function guardInstead({ guard }: LockCall, { symbols }: KernelNames): string {
  const has = (name: string): boolean => symbols.lookup(name).length > 0;
  const ways = (guard === undefined ? undefined : lockKind(guard))?.ways ?? [];
  if (ways.some(({ take, give }) => has(take) && has(give)))
    return `; write guard(${guard})(…), which holds it by other functions`;
  return ', and farcall has no lock functions of its own';
}

/** What gcc's suffixes say (gcc/ipa-sra.cc, gcc/ipa-cp.cc, gcc/ipa-split.cc, gcc/final.cc). */
const CLONES: readonly (readonly [suffix: string, what: string])[] = [
  ['.isra', 'without some parameters, or with members in place of structures'],
  ['.constprop', 'without parameters that are always the same'],
  ['.part', 'a part of it, behind its first test'],
  ['.cold', 'its unlikely ways, to which it jumps'],
];

function whatClone(name: string): string {
  const found = CLONES.filter(([suffix]) => name.includes(suffix)).map(([, what]) => what);
  return found.join(', ') || 'a clone of the compiler';
}

/** Shorter names are near to anything. */
const NEAR_LEAST = 3;

/** A variable that every kernel has, and tells of if it tells of any. */
const DATA_PROBE = 'init_task';

/** The error for a name that nothing has, with near ones; `declared` are those of the program. */
export function unknownName(
  name: string,
  what: string,
  names: KernelNames,
  declared: readonly string[] = [],
): FarcallError {
  if (what !== 'function' && names.symbols.lookup(DATA_PROBE).length === 0)
    return problem(
      'SYMBOL_UNKNOWN',
      `this kernel tells no variables, and so no '${name}': it was built without CONFIG_KALLSYMS_ALL`,
    );
  const instead = insteadOf(name);
  const known = name.length < NEAR_LEAST ? [] : [...declared, ...names.namesOfLibrary];
  const own = nearestNames(name, known, SUGGESTIONS, Math.min(3, Math.ceil(name.length / 3)));
  const all = new Set([...own, ...(instead === undefined ? names.symbols.similar(name, SUGGESTIONS) : [])]);
  const near =
    instead === undefined ? nearestNames(name, [...all], SUGGESTIONS, Number.POSITIVE_INFINITY) : [];
  const elsewhere = 'be inlined everywhere, or be in a module that is not loaded)';
  const hint = near.length > 0 ? `${didYouMean(near)} (it may also ${elsewhere}` : ` (it may ${elsewhere}`;
  const rest = instead === undefined ? hint : `; ${instead}`;
  return problem('SYMBOL_UNKNOWN', `this kernel has no ${what} '${name}'${rest}`);
}

/** The error for a name that was looked for in one module only. */
export function notInModule(name: string, module: string, what: string): FarcallError {
  return problem('SYMBOL_UNKNOWN', `the module '${module}' is not loaded, or has no ${what} '${name}'`);
}

/**
 * Throws SYMBOL_INIT where the memory of the function holds something else by now. `_sinittext` to
 * `_einittext` is given back after boot (include/asm-generic/sections.h, v6.12).
 */
export function refuseInitText({ name, address }: KernelSymbol, names: KernelNames): void {
  const start = names.symbols.lookup('_sinittext')[0]?.address;
  const end = names.symbols.lookup('_einittext')[0]?.address;
  if (start === undefined || end === undefined || address < start || address >= end) return;
  throw problem(
    'SYMBOL_INIT',
    `'${name}' existed only while the kernel started (__init); its memory now holds something else`,
  );
}

function problem(code: ErrorCode, message: string): FarcallError {
  return new FarcallError(code, message);
}
