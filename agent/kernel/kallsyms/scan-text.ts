import { FarcallError } from '../../../shared/errors/index.ts';
import { type SymbolList, SymbolListBuilder } from './symbol-list.ts';
import { NAME_MAX_BYTES } from './symbol-store.ts';

/** Fills `buffer` from its start with the next bytes of the text; gives how many, 0 at the end. */
export type TextReader = (buffer: Uint8Array) => number;

/** What to leave out. */
export interface ScanOptions {
  /** Keep the symbols of modules only; `kernel` is then empty. */
  readonly modulesOnly?: boolean;
}

/**
 * What the kernel lists like modules though none are: compiled BPF programs, probe pages, trampolines
 * (kernel/kallsyms.c, get_ksymbol_bpf and its neighbours). They come and go without a trace in /proc/modules, so that
 * an address remembered for them may be anybody's by now; they are left out.
 */
const PSEUDO_MODULES = new Set<string | undefined>(['bpf', '__builtin__kprobes', '__builtin__ftrace']);

/** The text's symbols: the kernel's own, and those of modules. */
export interface ScannedSymbols {
  readonly kernel: SymbolList;
  readonly modules: SymbolList;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;

/**
 * Reads text of the form of /proc/kallsyms without making a string per line.
 *
 *     ffffffff810d1a40 T _printk
 *     ffffffffc0201000 t nfsd_svc	[nfsd]
 *
 * @throws FarcallError KALLSYMS_INVALID for any other line; PERMISSION where all addresses are zero, which is how the
 * kernel hides them (kernel/kallsyms.c, kallsyms_show_value)
 */
export function scanKallsymsText(read: TextReader, options: ScanOptions = {}): ScannedSymbols {
  const scanner = new LineScanner(options.modulesOnly ?? false);
  const buffer = new Uint8Array(CHUNK_BYTES);
  let held = 0;
  for (;;) {
    const got = read(buffer.subarray(held));
    if (got === 0) break;
    held += got;
    const linesEnd = buffer.subarray(0, held).lastIndexOf(NEWLINE) + 1;
    if (linesEnd === 0 && held === buffer.length) throw invalid('a line is longer than 256 KiB');
    scanner.scan(buffer, linesEnd);
    buffer.copyWithin(0, linesEnd, held);
    held -= linesEnd;
  }
  if (held > 0) throw invalid('the last line has no end');
  return scanner.finish();
}

class LineScanner {
  readonly #kernel = new SymbolListBuilder();
  readonly #modules = new SymbolListBuilder();
  readonly #modulesOnly: boolean;
  #lines = 0;
  #anyAddress = 0;
  #module: string | undefined;

  constructor(modulesOnly: boolean) {
    this.#modulesOnly = modulesOnly;
  }

  /** Takes the whole lines `bytes[0..end)`. */
  scan(bytes: Uint8Array, end: number): void {
    let start = 0;
    while (start < end) start = this.#line(bytes, start) + 1;
  }

  finish(): ScannedSymbols {
    if (this.#lines === 0) throw invalid('it is empty');
    if (this.#anyAddress === 0) {
      throw new FarcallError(
        'PERMISSION',
        'all addresses in /proc/kallsyms are zero: the agent needs CAP_SYSLOG, and kernel.kptr_restrict below 2',
      );
    }
    return { kernel: this.#kernel.build(), modules: this.#modules.build() };
  }

  /** Reads the line at `start`; gives the place of its newline. */
  #line(bytes: Uint8Array, start: number): number {
    let high = 0;
    let low = 0;
    let at = start;
    for (let digit = hexDigit(bytes[at]!); digit >= 0; digit = hexDigit(bytes[++at]!)) {
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    if (at === start || at - start > 16 || bytes[at] !== SPACE || bytes[at + 2] !== SPACE)
      throw this.#badLine();
    const type = bytes[at + 1]!;
    const nameStart = at + 3;
    let nameEnd = nameStart;
    while (bytes[nameEnd]! > SPACE) nameEnd++;
    if (nameEnd === nameStart || nameEnd - nameStart > NAME_MAX_BYTES) throw this.#badLine();
    const lineEnd = bytes[nameEnd] === TAB ? this.#moduleTag(bytes, nameEnd + 1) : nameEnd;
    if (bytes[lineEnd] !== NEWLINE || type <= SPACE) throw this.#badLine();
    this.#anyAddress |= high | low;
    this.#lines++;
    const module = lineEnd === nameEnd ? undefined : this.#module;
    const list = this.#listFor(module);
    list?.add({ addressHigh: high, addressLow: low, type, bytes, nameStart, nameEnd, module });
    return lineEnd;
  }

  #listFor(module: string | undefined): SymbolListBuilder | undefined {
    if (module === undefined) return this.#modulesOnly ? undefined : this.#kernel;
    return PSEUDO_MODULES.has(module) ? undefined : this.#modules;
  }

  /** Reads `[nfsd]` at `start` into `#module`, making a string only where it changes; gives the place after it. */
  #moduleTag(bytes: Uint8Array, start: number): number {
    let end = start;
    while (bytes[end]! > SPACE) end++;
    if (bytes[start] !== 0x5b || bytes[end - 1] !== 0x5d || end - start < 3) throw this.#badLine();
    if (!sameText(this.#module, bytes, start + 1, end - 1)) {
      this.#module = Buffer.from(bytes.subarray(start + 1, end - 1)).toString('latin1');
    }
    return end;
  }

  #badLine(): FarcallError {
    return invalid(`line ${this.#lines + 1} is not of the form "address type name"`);
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

function sameText(text: string | undefined, bytes: Uint8Array, start: number, end: number): boolean {
  if (text === undefined || text.length !== end - start) return false;
  for (let at = start; at < end; at++) if (text.charCodeAt(at - start) !== bytes[at]) return false;
  return true;
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `/proc/kallsyms cannot be read: ${why}`);
}
