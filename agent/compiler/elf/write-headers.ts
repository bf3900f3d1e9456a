import type { ByteWriter } from '../bytes/index.ts';

/** Sizes of Elf64_Ehdr and of the entries that it counts. */
export const HEADER_BYTES = { file: 64, program: 56, section: 64 } as const;

/** What differs between the ELF files that farcall writes. */
export interface ElfHeaderInput {
  readonly type: number;
  readonly machine: number;
  readonly entry: bigint;
  readonly programHeaders: number;
  readonly sectionHeadersOffset: number;
  /** The section names are the last section. */
  readonly sectionCount: number;
}

/** Elf64_Ehdr: little-endian, version 1, System V. */
export function writeElfHeader(writer: ByteWriter, header: ElfHeaderInput): void {
  writer.u8(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0);
  writer.zeros(8);
  writer.u16(header.type);
  writer.u16(header.machine);
  writer.u32(1);
  writer.u64(header.entry);
  writer.u64(header.programHeaders > 0 ? BigInt(HEADER_BYTES.file) : 0n);
  writer.u64(BigInt(header.sectionHeadersOffset));
  writer.u32(0);
  writer.u16(HEADER_BYTES.file);
  writer.u16(header.programHeaders > 0 ? HEADER_BYTES.program : 0);
  writer.u16(header.programHeaders);
  writer.u16(header.sectionCount > 0 ? HEADER_BYTES.section : 0);
  writer.u16(header.sectionCount);
  writer.u16(header.sectionCount > 0 ? header.sectionCount - 1 : 0);
}

/** The fields of one section header. */
export interface SectionHeaderInput {
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

/** Elf64_Shdr; the address is 0, since nothing has one before it is loaded. */
export function writeSectionHeader(writer: ByteWriter, header: SectionHeaderInput): void {
  writer.u32(header.nameOffset);
  writer.u32(header.type);
  writer.u64(BigInt(header.flags));
  writer.u64(0n);
  writer.u64(BigInt(header.offset));
  writer.u64(BigInt(header.sizeBytes));
  writer.u32(header.link);
  writer.u32(header.info);
  writer.u64(BigInt(header.alignment));
  writer.u64(BigInt(header.entrySize));
}
