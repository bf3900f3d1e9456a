import { FarcallError } from '../../../shared/errors/index.ts';
import { isSymbolName, type KernelSymbol } from '../../compiler/index.ts';
import { CachedSearch } from './cached-search.ts';
import { type NameVisitor, SYMBOL_MAX_BYTES, type SymbolStore } from './symbol-store.ts';

const NEWLINE = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;
/** A line up to its name: 16 digits, blank, letter, blank. */
const HEAD_BYTES = 19;

/**
 * Lines of /proc/kallsyms as they are, found by byte search; handles are the places where lines start. It
 * takes no more memory than an index would.
 *
 *     ffffffff810d1a40 T _printk
 *     ffffffffc0201000 t nfsd_svc	[nfsd]
 */
abstract class LineStore implements SymbolStore {
  protected readonly text: Buffer;

  constructor(text: Buffer) {
    this.text = text;
  }

  abstract find(name: string): readonly number[];
  abstract containing(address: bigint): number | undefined;

  at(address: bigint): readonly number[] {
    const wanted = Buffer.from(`${address.toString(16).padStart(16, '0')} `, 'latin1');
    const found: number[] = [];
    for (let at = this.text.indexOf(wanted); at >= 0; at = this.text.indexOf(wanted, at + 1))
      if ((at === 0 || this.text[at - 1] === NEWLINE) && this.isListed(at)) found.push(at);
    return found;
  }

  /** The offset after the name of the line at `start`. */
  protected abstract nameEnd(start: number, lineEnd: number): number;
  protected abstract moduleAt(start: number): string | undefined;

  symbol(handle: number): KernelSymbol {
    return {
      name: this.nameAt(handle),
      address: this.addressAt(handle),
      type: String.fromCharCode(this.text[handle + 17]!),
      module: this.moduleAt(handle),
    };
  }

  address(handle: number): bigint {
    return this.addressAt(handle);
  }

  scan(minLength: number, maxLength: number, visit: NameVisitor): void {
    for (let start = 0; start < this.text.length; ) {
      const lineEnd = this.lineEnd(start);
      const end = this.nameEnd(start, lineEnd);
      const length = end - start - HEAD_BYTES;
      if (length >= minLength && length <= maxLength && this.isListed(start)) {
        visit(start, this.text, start + HEAD_BYTES, end, this.text[start + 17]!);
      }
      start = lineEnd + 1;
    }
  }

  /** Whether the line counts; modules leave some out. */
  protected isListed(_start: number): boolean {
    return true;
  }

  /** Starts of the lines that contain `needle`, all of whose names begin at its second byte. */
  protected linesWith(needle: string): number[] {
    const found: number[] = [];
    const wanted = Buffer.from(needle, 'latin1');
    for (let at = this.text.indexOf(wanted); at >= 0; at = this.text.indexOf(wanted, at + 1)) {
      const start = at + 1 - HEAD_BYTES;
      if (start >= 0 && (start === 0 || this.text[start - 1] === NEWLINE)) found.push(start);
    }
    return found;
  }

  protected addressAt(start: number): bigint {
    const digits = this.text.toString('latin1', start, start + 16);
    if (
      !/^[0-9a-f]{16}$/.test(digits) ||
      this.text[start + 16] !== SPACE ||
      this.text[start + 18] !== SPACE
    ) {
      throw invalid(`the line at byte ${start} is not of the form "address type name"`);
    }
    return BigInt(`0x${digits}`);
  }

  protected nameAt(start: number): string {
    return this.text.toString('latin1', start + HEAD_BYTES, this.nameEnd(start, this.lineEnd(start)));
  }

  protected lineEnd(start: number): number {
    return this.text.indexOf(NEWLINE, start);
  }

  protected lineStart(at: number): number {
    return at === 0 ? 0 : this.text.lastIndexOf(NEWLINE, at - 1) + 1;
  }
}

/** The kernel's own lines: sorted by address (scripts/kallsyms.c), without a module. */
export class KernelLines extends LineStore {
  readonly #remembered = new CachedSearch(name => this.linesWith(` ${name}\n`));

  find(name: string): readonly number[] {
    return isSymbolName(name) ? this.#remembered.find(name) : [];
  }

  /** The lines are sorted, so those of one address stand together. */
  override at(address: bigint): readonly number[] {
    const found: number[] = [];
    let start = this.containing(address) ?? this.text.length;
    while (start < this.text.length && this.addressAt(start) === address) {
      found.push(start);
      start = this.lineEnd(start) + 1;
    }
    return found;
  }

  containing(address: bigint): number | undefined {
    let low = 0;
    let high = this.text.length;
    let found = -1;
    while (low < high) {
      const start = this.lineStart((low + high) >>> 1);
      if (this.addressAt(start) <= address) {
        found = start;
        low = this.lineEnd(start) + 1;
      } else high = start;
    }
    if (found < 0) return undefined;
    const from = this.addressAt(found);
    if (address - from >= (low === this.text.length ? 1n : SYMBOL_MAX_BYTES)) return undefined;
    while (found > 0 && this.addressAt(this.lineStart(found - 1)) === from) found = this.lineStart(found - 1);
    return found;
  }

  /** The address on the last line. */
  lastAddress(): bigint {
    return this.addressAt(this.lineStart(this.text.length - 1));
  }

  protected nameEnd(_start: number, lineEnd: number): number {
    return lineEnd;
  }

  protected moduleAt(): undefined {
    return undefined;
  }
}

/**
 * What the kernel lists like modules although it is not one: compiled BPF programs, probe pages, trampolines
 * (kernel/kallsyms.c, get_ksymbol_bpf and its neighbours). They come and go without a trace in /proc/modules,
 * so a cached address may belong to something else by now; they are left out.
 */
const PSEUDO_MODULES = new Set(['bpf', '__builtin__kprobes', '__builtin__ftrace']);
/**
 * How far after the start of a module's last symbol an address may be; the end of that symbol is not listed.
 */
const LAST_SYMBOL_BYTES = 4096n;

/** Lines of modules: one module after the other, not sorted. */
export class ModuleLines extends LineStore {
  find(name: string): readonly number[] {
    if (!isSymbolName(name)) return [];
    return this.linesWith(` ${name}\t[`).filter(start => this.isListed(start));
  }

  containing(address: bigint): number | undefined {
    let found: { readonly start: number; readonly address: bigint } | undefined;
    let next: { readonly start: number; readonly address: bigint } | undefined;
    for (let start = 0; start < this.text.length; start = this.lineEnd(start) + 1) {
      const here = { start, address: this.addressAt(start) };
      if (here.address <= address) {
        if (found === undefined || here.address > found.address) found = here;
      } else if (next === undefined || here.address < next.address) next = here;
    }
    if (found === undefined || !this.isListed(found.start)) return undefined;
    const sameModule = next !== undefined && this.moduleAt(next.start) === this.moduleAt(found.start);
    return address - found.address < (sameModule ? SYMBOL_MAX_BYTES : LAST_SYMBOL_BYTES)
      ? found.start
      : undefined;
  }

  /** A copy that does not keep the whole text alive. */
  alone(): ModuleLines {
    return new ModuleLines(Buffer.from(this.text));
  }

  protected override isListed(start: number): boolean {
    return !PSEUDO_MODULES.has(this.moduleAt(start));
  }

  protected nameEnd(start: number, lineEnd: number): number {
    const tab = this.text.indexOf(TAB, start);
    if (tab < 0 || tab > lineEnd) throw invalid(`the line at byte ${start} names no module`);
    return tab;
  }

  protected moduleAt(start: number): string {
    const lineEnd = this.lineEnd(start);
    return this.text.toString('latin1', this.nameEnd(start, lineEnd) + 2, lineEnd - 1);
  }
}

/** The text's symbols: the kernel's own, and those of modules. */
export interface TextSymbols {
  readonly kernel: KernelLines;
  readonly modules: ModuleLines;
}

/**
 * Takes the text of /proc/kallsyms. Only its start and end are checked here; a bad line in the middle is an
 * error when a search reaches it.
 * @throws FarcallError KALLSYMS_INVALID for other text; PERMISSION where all addresses are zero, which is how
 * the kernel hides them (kernel/kallsyms.c, kallsyms_show_value)
 */
export function textSymbols(text: Buffer): TextSymbols {
  if (text.length === 0) throw invalid('it is empty');
  if (text[text.length - 1] !== NEWLINE) throw invalid('its last line has no end');
  const firstTab = text.indexOf(TAB);
  const split = firstTab < 0 ? text.length : text.lastIndexOf(NEWLINE, firstTab) + 1;
  const kernel = new KernelLines(text.subarray(0, split));
  if (split === 0) throw invalid('it has no symbols of the kernel itself');
  // The last symbol of the kernel has its highest address; per-CPU symbols before it may correctly be at 0.
  if (kernel.lastAddress() === 0n) {
    throw new FarcallError(
      'PERMISSION',
      'all addresses in /proc/kallsyms are zero: the agent needs CAP_SYSLOG, and kernel.kptr_restrict below 2',
    );
  }
  return { kernel, modules: new ModuleLines(text.subarray(split)) };
}

function invalid(why: string): FarcallError {
  return new FarcallError('KALLSYMS_INVALID', `/proc/kallsyms cannot be read: ${why}`);
}
