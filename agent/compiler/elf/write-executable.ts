import { ByteWriter } from '../bytes/index.ts';
import { ELF } from './constants.ts';
import { elfMachine } from './machines.ts';
import { HEADER_BYTES, writeElfHeader } from './write-headers.ts';

/** A static executable: code at one address, zeroed writable memory at another. */
export interface ExecutableInput {
  readonly arch: string;
  /** Address of the first byte of the file; a multiple of 4096. The code follows the headers. */
  readonly textAddress: bigint;
  readonly text: Uint8Array;
  readonly bssAddress: bigint;
  readonly bssBytes: number;
}

/** Bytes before the code in an executable of {@link writeExecutable}. */
export const EXECUTABLE_HEADER_BYTES = HEADER_BYTES.file + 3 * HEADER_BYTES.program;

const PT_GNU_STACK = 0x6474e551;

/**
 * A static ELF64 executable without sections. It starts at its first instruction; its stack is not
 * executable.
 */
export function writeExecutable(input: ExecutableInput): Uint8Array {
  const writer = new ByteWriter();
  const fileBytes = EXECUTABLE_HEADER_BYTES + input.text.length;
  writeElfHeader(writer, {
    type: ELF.ET_EXEC,
    machine: elfMachine(input.arch).machine,
    entry: input.textAddress + BigInt(EXECUTABLE_HEADER_BYTES),
    programHeaders: 3,
    sectionHeadersOffset: 0,
    sectionCount: 0,
  });
  const segment = (
    type: number,
    flags: number,
    address: bigint,
    fileSize: number,
    memorySize: number,
  ): void => {
    writer.u32(type);
    writer.u32(flags);
    writer.u64(0n);
    writer.u64(address);
    writer.u64(address);
    writer.u64(BigInt(fileSize));
    writer.u64(BigInt(memorySize));
    writer.u64(type === ELF.PT_LOAD ? 4096n : 16n);
  };
  segment(ELF.PT_LOAD, ELF.PF_R | ELF.PF_X, input.textAddress, fileBytes, fileBytes);
  segment(ELF.PT_LOAD, ELF.PF_R | ELF.PF_W, input.bssAddress, 0, input.bssBytes);
  segment(PT_GNU_STACK, ELF.PF_R | ELF.PF_W, 0n, 0, 0);
  writer.bytes(input.text);
  return writer.finish();
}
