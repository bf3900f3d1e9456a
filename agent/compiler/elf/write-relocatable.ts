import { FarcallError } from '../../../shared/errors/index.ts';
import { ByteWriter } from '../bytes/index.ts';
import type { Relocation } from '../codegen/index.ts';
import { ELF } from './constants.ts';
import { type ElfMachine, elfMachine, relocationType } from './machines.ts';
import { StringTable } from './string-table.ts';
import { writeElfHeader, writeSectionHeader } from './write-headers.ts';

/** A section of a relocatable file. */
export interface SectionInput {
  readonly name: string;
  /** SHF_ flags. */
  readonly flags: number;
  readonly alignment: number;
  readonly bytes: Uint8Array;
  /**
   * Size of a section that takes no room in the file (SHT_NOBITS): zeros, or what the kernel fills itself.
   */
  readonly zeroBytes?: number;
  /** Written as `.rela` and the name. */
  readonly relocations?: readonly Relocation[];
}

/** A symbol of a relocatable file. Sections have one each without asking. */
export interface SymbolInput {
  readonly name: string;
  /** Name of the section that it is in; undefined for an absolute value. */
  readonly section: string | undefined;
  readonly value: bigint;
  readonly sizeBytes: number;
  readonly type: 'function' | 'object';
  readonly global: boolean;
}

/** The parts of a relocatable ELF file. */
export interface RelocatableInput {
  readonly arch: string;
  readonly sections: readonly SectionInput[];
  readonly symbols: readonly SymbolInput[];
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly alignment: number;
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

const SYMBOL_BYTES = 24;
const RELA_BYTES = 24;

/**
 * A relocatable ELF64 file (ET_REL): the form that a kernel module has. Sections stand in the order given,
 * then their relocations, the symbols and the names. Same input, same bytes.
 */
export function writeRelocatable(input: RelocatableInput): Uint8Array {
  const machine = elfMachine(input.arch);
  const sections = assemble(input, machine);
  const names = new StringTable();
  for (const { name } of sections) names.add(name);
  names.add('.shstrtab');
  const all = [...sections, plainSection('.shstrtab', ELF.SHT_STRTAB, names.bytes())];
  return writeFile(all, names, machine);
}

function assemble({ sections, symbols }: RelocatableInput, machine: ElfMachine): Section[] {
  const strings = new StringTable();
  const table = symbolTable(sections, symbols, strings);
  const withRelocations = sections.filter(each => each.relocations && each.relocations.length > 0);
  // Index 0 is the null section.
  const symtabIndex = 1 + sections.length + withRelocations.length;
  return [
    ...sections.map(each => ({
      ...plainSection(
        each.name,
        each.zeroBytes === undefined ? ELF.SHT_PROGBITS : ELF.SHT_NOBITS,
        each.bytes,
      ),
      sizeBytes: each.zeroBytes ?? each.bytes.length,
      flags: each.flags,
      alignment: each.alignment,
    })),
    ...withRelocations.map(each => ({
      ...plainSection(`.rela${each.name}`, ELF.SHT_RELA, relaBytes(each, table.indexes, machine)),
      flags: ELF.SHF_INFO_LINK,
      alignment: 8,
      link: symtabIndex,
      info: 1 + sections.indexOf(each),
      entrySize: RELA_BYTES,
    })),
    {
      ...plainSection('.symtab', ELF.SHT_SYMTAB, table.bytes),
      alignment: 8,
      link: symtabIndex + 1,
      info: table.firstGlobal,
      entrySize: SYMBOL_BYTES,
    },
    plainSection('.strtab', ELF.SHT_STRTAB, strings.bytes()),
  ];
}

function plainSection(name: string, type: number, bytes: Uint8Array): Section {
  return {
    name,
    type,
    flags: 0,
    alignment: 1,
    bytes,
    sizeBytes: bytes.length,
    link: 0,
    info: 0,
    entrySize: 0,
  };
}

interface SymbolTableBytes {
  readonly bytes: Uint8Array;
  readonly firstGlobal: number;
  readonly indexes: ReadonlyMap<string, number>;
}

/**
 * Elf64_Sym: u32 name; u8 info (bind << 4 | type); u8 other; u16 shndx; u64 value; u64 size. Locals come
 * first.
 */
function symbolTable(
  sections: readonly SectionInput[],
  symbols: readonly SymbolInput[],
  strings: StringTable,
): SymbolTableBytes {
  const writer = new ByteWriter();
  const indexes = new Map<string, number>();
  const add = (name: string, info: number, shndx: number, value: bigint, size: number): void => {
    writer.u32(name.startsWith('.') ? 0 : strings.add(name));
    writer.u8(info, 0);
    writer.u16(shndx);
    writer.u64(value);
    writer.u64(BigInt(size));
  };
  writer.zeros(SYMBOL_BYTES);
  for (const [index, { name }] of sections.entries()) {
    indexes.set(name, index + 1);
    add(name, ELF.STT_SECTION, index + 1, 0n, 0);
  }
  const ordered = [...symbols.filter(each => !each.global), ...symbols.filter(each => each.global)];
  for (const [index, { name, section, value, sizeBytes, type, global }] of ordered.entries()) {
    if (indexes.has(name)) throw new FarcallError('INTERNAL', `two symbols of a module are named '${name}'`);
    indexes.set(name, 1 + sections.length + index);
    const info =
      ((global ? ELF.STB_GLOBAL : ELF.STB_LOCAL) << 4) |
      (type === 'function' ? ELF.STT_FUNC : ELF.STT_OBJECT);
    const shndx = section === undefined ? ELF.SHN_ABS : 1 + sections.findIndex(each => each.name === section);
    add(name, info, shndx, value, sizeBytes);
  }
  const locals = symbols.filter(each => !each.global).length;
  return { bytes: writer.finish(), firstGlobal: 1 + sections.length + locals, indexes };
}

/** Elf64_Rela: u64 offset; u64 info (symbol << 32 | type); s64 addend. */
function relaBytes(
  { relocations = [] }: SectionInput,
  indexes: ReadonlyMap<string, number>,
  machine: ElfMachine,
): Uint8Array {
  const writer = new ByteWriter();
  for (const { kind, offset, symbol, addend } of relocations) {
    const index = indexes.get(symbol);
    if (index === undefined)
      throw new FarcallError('INTERNAL', `a relocation names '${symbol}', which the module lacks`);
    writer.u64(BigInt(offset));
    writer.u64((BigInt(index) << 32n) | BigInt(relocationType(machine, kind)));
    writer.u64(addend);
  }
  return writer.finish();
}

function writeFile(sections: readonly Section[], names: StringTable, { machine }: ElfMachine): Uint8Array {
  const body = new ByteWriter();
  const offsets = sections.map(({ bytes, alignment }) => {
    // The body follows a header of 64 bytes, which keeps every alignment up to 64.
    body.align(alignment);
    const offset = 64 + body.length;
    body.bytes(bytes);
    return offset;
  });
  body.align(8);
  const file = new ByteWriter();
  writeElfHeader(file, {
    type: ELF.ET_REL,
    machine,
    entry: 0n,
    programHeaders: 0,
    sectionHeadersOffset: 64 + body.length,
    sectionCount: sections.length + 1,
  });
  file.bytes(body.finish());
  file.zeros(64);
  for (const [index, section] of sections.entries()) {
    writeSectionHeader(file, {
      ...section,
      nameOffset: names.add(section.name),
      offset: offsets[index]!,
    });
  }
  return file.finish();
}
