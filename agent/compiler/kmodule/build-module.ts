import { FarcallError } from '../../../shared/errors/index.ts';
import { ByteWriter } from '../bytes/index.ts';
import type { FaultEntry, MachineCode, Relocation } from '../codegen/index.ts';
import { ELF, elfMachine, type SectionInput, type SymbolInput, writeRelocatable } from '../elf/index.ts';
import type { ModuleAbi } from '../facts/index.ts';
import { exceptionTable, type FaultHandler } from './exception-table.ts';
import type { StructModuleLayout } from './struct-module.ts';

/** Everything a module image is made from; nothing else goes into it. */
export interface ModuleInput {
  readonly arch: string;
  /** Name in /proc/modules while it runs. */
  readonly name: string;
  readonly code: MachineCode;
  readonly abi: ModuleAbi;
  readonly layout: StructModuleLayout;
  /** How entries of the exception table look; only asked for where the code has any. */
  readonly faultHandler: () => FaultHandler;
}

/**
 * Bytes before init. A kernel built with kCFI reads the u32 at init-4 before the indirect call; with init at
 * offset 0 that read would leave the section's page.
 */
const INIT_OFFSET = 16;

const NO_BYTES = new Uint8Array(0);

/**
 * `struct modversion_info`: u32 crc (with four bytes of padding), char name[56] (include/linux/module.h,
 * v6.12).
 */
const MODVERSION_BYTES = 64;

/**
 * A kernel module image (.ko) around `code`: what the kernel's loader asks for, and nothing more. Same input,
 * same bytes.
 *
 * Call targets are absolute local symbols, so that neither exports nor CRCs of the functions are needed.
 */
export function buildModule(input: ModuleInput): Uint8Array {
  const { code, abi, layout } = input;
  const machine = elfMachine(input.arch);
  const { ALLOC, EXEC, WRITE } = { ALLOC: ELF.SHF_ALLOC, EXEC: ELF.SHF_EXECINSTR, WRITE: ELF.SHF_WRITE };
  const constants = { name: '.data', flags: ALLOC | WRITE, alignment: 16, bytes: code.data };
  const sections: SectionInput[] = [
    {
      name: textSection(code),
      flags: ALLOC | EXEC,
      alignment: 16,
      bytes: initText(code, abi),
      relocations: shifted(code.relocations),
    },
    { name: '.bss', flags: ALLOC | WRITE, alignment: 16, bytes: NO_BYTES, zeroBytes: code.zeroBytes },
    ...(code.data.length > 0 ? [constants] : []),
    {
      name: '.gnu.linkonce.this_module',
      flags: ALLOC | WRITE,
      alignment: 64,
      ...thisModule(input, layout),
    },
    { name: '.modinfo', flags: ALLOC, alignment: 1, bytes: modinfo(input) },
    ...machine.emptySections.map(name => ({
      name,
      flags: ALLOC | EXEC,
      alignment: 1,
      bytes: NO_BYTES,
      zeroBytes: 0,
    })),
  ];
  if (code.faults.length > 0) {
    const table = exceptionTable(shiftedFaults(code.faults), input.faultHandler(), {
      plainFixup: machine.plainFixup,
      text: textSection(code),
    });
    sections.push({ name: '__ex_table', flags: ALLOC, alignment: 4, ...table });
  }
  if (abi.moduleLayoutCrc !== undefined) {
    sections.push({ name: '__versions', flags: ALLOC, alignment: 8, bytes: versions(abi.moduleLayoutCrc) });
  }
  return writeRelocatable({ arch: input.arch, sections, symbols: symbols(input) });
}

function initText({ text, handlers }: MachineCode, abi: ModuleAbi): Uint8Array {
  const writer = new ByteWriter();
  writer.zeros(INIT_OFFSET - 4);
  writer.u32(abi.kcfiInitHash ?? 0);
  writer.bytes(text);
  const bytes = writer.finish();
  for (const { at, kind } of handlers) {
    const hash = kind === 'entry' ? abi.kcfiEntryHash : abi.kcfiReturnHash;
    if (hash !== undefined) writeHash(bytes, at + INIT_OFFSET, hash);
  }
  return bytes;
}

/**
 * Writes the hash of a function's type where callers look for it: right before the function, or, where an x86
 * kernel has space for call padding, in a `mov $hash, %eax` 16 bytes before it.
 */
function writeHash(bytes: Uint8Array, at: number, hash: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint8(at - 16, MOV_EAX);
  view.setUint32(at - 15, hash, true);
  view.setUint32(at - 4, hash, true);
}

const MOV_EAX = 0xb8;

function shifted(relocations: readonly Relocation[]): Relocation[] {
  return relocations.map(each => ({ ...each, offset: each.offset + INIT_OFFSET }));
}

function shiftedFaults(faults: readonly FaultEntry[]): FaultEntry[] {
  return faults.map(({ at, resumeAt }) => ({ at: at + INIT_OFFSET, resumeAt: resumeAt + INIT_OFFSET }));
}

/** The kernel frees `.init.text` when init has returned 0. */
function textSection({ exit }: MachineCode): string {
  return exit === undefined ? '.init.text' : '.text';
}

function thisModule(
  { name, code }: ModuleInput,
  layout: StructModuleLayout,
): { bytes: Uint8Array; relocations: Relocation[] } {
  const bytes = new Uint8Array(layout.sizeBytes);
  const text = Buffer.from(name, 'latin1');
  if (text.length >= layout.nameBytes) {
    throw new FarcallError(
      'INTERNAL',
      `the module name '${name}' is longer than ${layout.nameBytes - 1} bytes`,
    );
  }
  bytes.set(text, layout.nameOffset);
  const point = (offset: number, symbol: string): Relocation => ({
    kind: 'abs64',
    offset,
    symbol,
    addend: 0n,
  });
  const relocations = [point(layout.initOffset, 'init_module')];
  if (code.exit !== undefined) {
    if (layout.exitOffset === undefined)
      throw new FarcallError('KERNEL_LACKS', 'this kernel unloads no modules: a deny could not be ended');
    relocations.push(point(layout.exitOffset, 'cleanup_module'));
  }
  return { bytes, relocations };
}

/** `license=GPL` NUL, and so on. */
function modinfo({ name, arch, abi }: ModuleInput): Uint8Array {
  const entries = [
    'license=GPL',
    'depends=',
    ...elfMachine(arch).modinfo,
    `name=${name}`,
    `vermagic=${abi.vermagic}`,
  ];
  return Buffer.from(entries.map(entry => `${entry}\0`).join(''), 'latin1');
}

function versions(crc: number): Uint8Array {
  const bytes = new Uint8Array(MODVERSION_BYTES);
  new DataView(bytes.buffer).setUint32(0, crc, true);
  bytes.set(Buffer.from('module_layout', 'latin1'), 8);
  return bytes;
}

function symbols({ code, layout, faultHandler }: ModuleInput): SymbolInput[] {
  const { text, targets, faults } = code;
  const handler = faults.length > 0 ? faultHandler().function : undefined;
  return [
    ...[...targets, ...(handler ? [handler] : [])].map(
      ({ name, address }): SymbolInput => ({
        name,
        section: undefined,
        value: address,
        sizeBytes: 0,
        type: 'function',
        global: false,
      }),
    ),
    {
      name: 'init_module',
      section: textSection(code),
      value: BigInt(INIT_OFFSET),
      sizeBytes: text.length,
      type: 'function',
      global: true,
    },
    ...exitSymbol(code),
    {
      name: '__this_module',
      section: '.gnu.linkonce.this_module',
      value: 0n,
      sizeBytes: layout.sizeBytes,
      type: 'object',
      global: true,
    },
  ];
}

function exitSymbol(code: MachineCode): SymbolInput[] {
  if (code.exit === undefined) return [];
  const value = BigInt(INIT_OFFSET + code.exit);
  const section = textSection(code);
  return [{ name: 'cleanup_module', section, value, sizeBytes: 0, type: 'function', global: true }];
}
