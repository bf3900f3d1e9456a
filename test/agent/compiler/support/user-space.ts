import { execFileSync } from 'node:child_process';
import {
  backEndFor,
  layoutData,
  type MachineCode,
  REG,
  X86Assembler,
} from '../../../../agent/compiler/codegen/index.ts';
import { EXECUTABLE_HEADER_BYTES, writeExecutable } from '../../../../agent/compiler/elf/index.ts';
import type { IrProgram } from '../../../../agent/compiler/ir/index.ts';
import { withFile } from './disassemble.ts';

/** What one program did. */
export interface Ran {
  /** The result area, as copy_to_user brought it. */
  readonly area: Uint8Array;
  /** What init returned: %eax. */
  readonly returned: number;
}

const TEXT_ADDRESS = 0x2000_0000n;
const CODE_ADDRESS = TEXT_ADDRESS + BigInt(EXECUTABLE_HEADER_BYTES);
const BSS_ADDRESS = 0x4000_0000n;
/** The jump over the functions. */
const FIRST_FUNCTION = 16;
const FUNCTION_BYTES = 384;
/** Space behind a result area: %rax, %rbx, %rbp and %rsp after the program. */
const REGISTERS_BYTES = 32;
const RBX = 0x1122334455667788n;
const RBP = -0x1122334455667788n;
const GARBAGE = 0x5bad5bad5bad5badn;

/**
 * Runs code that was made for a kernel in a process of its own: a static executable with the programs, functions for
 * them to call at fixed addresses, and nothing else. It writes all memory that programs and functions wrote to its
 * standard output. A function that finds the stack not aligned stops the process.
 */
export class UserSpace {
  readonly #functions: Uint8Array[] = [];
  #memoryBytes = 0;

  /** A function: what `write` emits, and then a return with every register changed that a callee may change. */
  define(write: (asm: X86Assembler) => void): bigint {
    const asm = new X86Assembler();
    stopUnlessAligned(asm);
    write(asm);
    for (const reg of [REG.rcx, REG.rdx, REG.rsi, REG.rdi, REG.r8, REG.r9]) asm.movImm(reg, GARBAGE);
    asm.ret();
    asm.resolveJumps();
    const code = asm.code.finish();
    if (code.length > FUNCTION_BYTES) throw new Error(`a function of ${code.length} bytes`);
    return CODE_ADDRESS + BigInt(FIRST_FUNCTION + (this.#functions.push(code) - 1) * FUNCTION_BYTES);
  }

  /** Memory that comes back from `run`, and its offset there. */
  memory(sizeBytes: number): { readonly address: bigint; readonly offset: number } {
    const offset = this.#memoryBytes;
    this.#memoryBytes += sizeBytes;
    return { address: BSS_ADDRESS + BigInt(offset), offset };
  }

  /** Runs the programs one after the other. */
  run(programs: readonly IrProgram[]): { readonly results: Ran[]; readonly memory: Uint8Array } {
    const copy = this.define(copyBytes);
    const fail = this.define(asm => asm.movImm(REG.rax, -14n));
    const findFunction = (name: string) => {
      if (name.startsWith('__x86')) return undefined;
      return { name, address: name.startsWith('copy_') ? copy : fail };
    };
    const layouts = programs.map(layoutData);
    const areas = layouts.map(({ resultBytes }) => this.memory(align(resultBytes) + REGISTERS_BYTES));
    const outputBytes = this.#memoryBytes;
    let data = BSS_ADDRESS + BigInt(outputBytes);
    const placed = programs.map((program, index) => {
      const userAddress = areas[index]!.address;
      const code = backEndFor('x86_64').generate({ program, findFunction, userAddress });
      const at = data;
      data += BigInt(align(code.zeroBytes) + align(code.data.length));
      return {
        code,
        data: at,
        userAddress,
        registers: userAddress + BigInt(align(layouts[index]!.resultBytes)),
      };
    });
    if (programs.length === 0) return { results: [], memory: new Uint8Array(outputBytes) };
    const output = execute(this.#text(placed, outputBytes), Number(data - BSS_ADDRESS));
    if (output.length !== outputBytes)
      throw new Error(`${output.length} bytes came back, not ${outputBytes}`);
    const results = areas.map(({ offset }, index): Ran => {
      const sizeBytes = layouts[index]!.resultBytes;
      const area = output.subarray(offset, offset + sizeBytes);
      return { area, returned: returnedOf(output.subarray(offset + align(sizeBytes))) };
    });
    return { results, memory: output };
  }

  #text(programs: readonly Placed[], outputBytes: number): Uint8Array {
    const asm = new X86Assembler();
    const main = asm.label();
    asm.jmp(main);
    asm.code.align(FIRST_FUNCTION);
    for (const code of this.#functions) {
      asm.code.bytes(code);
      asm.code.align(1);
      asm.code.zeros(FUNCTION_BYTES - code.length);
    }
    const entries = programs.map(({ code, data }) => {
      const at = asm.code.length;
      asm.code.bytes(relocated(code, CODE_ADDRESS + BigInt(at), data));
      return at;
    });
    asm.place(main);
    for (const [index, program] of programs.entries()) callProgram(asm, program, entries[index]!);
    for (const [reg, value] of [
      [REG.rax, 1n],
      [REG.rdi, 1n],
      [REG.rsi, BSS_ADDRESS],
      [REG.rdx, BigInt(outputBytes)],
    ] as const) {
      asm.movImm(reg, value);
    }
    asm.syscall();
    asm.movImm(REG.rax, 231n);
    asm.movImm(REG.rdi, 0n);
    asm.syscall();
    asm.resolveJumps();
    return asm.code.finish();
  }
}

interface Placed {
  readonly code: MachineCode;
  readonly data: bigint;
  readonly registers: bigint;
}

/** Where the constants of a program are: behind its zeros. */
function constantsOf({ zeroBytes }: MachineCode, data: bigint): bigint {
  return data + BigInt(align(zeroBytes));
}

/** Fills `.data`, calls, and keeps the registers that init must leave alone. */
function callProgram(asm: X86Assembler, { code, data, registers }: Placed, entry: number): void {
  const bytes = Buffer.alloc(align(code.data.length));
  bytes.set(code.data);
  for (let at = 0; at < bytes.length; at += 8) {
    const word = bytes.readBigUInt64LE(at);
    if (word === 0n) continue;
    asm.movImm(REG.rax, constantsOf(code, data) + BigInt(at));
    asm.movImm(REG.rcx, word);
    asm.store(REG.rax, 0, REG.rcx);
  }
  asm.movImm(REG.rax, registers);
  asm.store(REG.rax, 24, REG.rsp);
  asm.movImm(REG.rbx, RBX);
  asm.movImm(REG.rbp, RBP);
  // call entry
  asm.code.u8(0xe8);
  asm.code.i32(entry - (asm.code.length + 4));
  asm.movImm(REG.rdx, registers);
  asm.store(REG.rdx, 0, REG.rax);
  asm.store(REG.rdx, 8, REG.rbx);
  asm.store(REG.rdx, 16, REG.rbp);
  asm.load(REG.rcx, REG.rdx, 24);
  asm.arithmetic('sub', REG.rcx, REG.rsp);
  asm.store(REG.rdx, 24, REG.rcx);
}

function returnedOf(registers: Buffer): number {
  const [rbx, rbp, rsp] = [8, 16, 24].map(at => registers.readBigInt64LE(at));
  if (rbx !== RBX || rbp !== RBP || rsp !== 0n)
    throw new Error(`init left rbx ${rbx}, rbp ${rbp}, and rsp off by ${rsp}`);
  return registers.readInt32LE(0);
}

/** What a kernel's module loader does: S + A - P in 32 bits. */
function relocated(code: MachineCode, address: bigint, data: bigint): Uint8Array {
  const { text, relocations, targets } = code;
  const sections = new Map([
    ['.bss', data],
    ['.data', constantsOf(code, data)],
  ]);
  const bytes = Buffer.from(text);
  for (const { kind, offset, symbol, addend } of relocations) {
    if (kind === 'abs64') throw new Error('code has no absolute addresses');
    const target = sections.get(symbol) ?? targets.find(({ name }) => name === symbol)!.address;
    bytes.writeInt32LE(Number(target + addend - (address + BigInt(offset))), offset);
  }
  return bytes;
}

function execute(text: Uint8Array, bssBytes: number): Buffer {
  const image = writeExecutable({
    arch: 'x86_64',
    textAddress: TEXT_ADDRESS,
    text,
    bssAddress: BSS_ADDRESS,
    bssBytes,
  });
  return withFile(image, path => execFileSync(path, { timeout: 10_000, maxBuffer: 64 << 20, env: {} }));
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** At the entry of a function the stack is 8 off a multiple of 16 (psABI x86-64, 3.2.2). */
function stopUnlessAligned(asm: X86Assembler): void {
  asm.code.u8(0x49, 0x89, 0xe3); // mov %rsp,%r11
  asm.code.u8(0x41, 0x83, 0xe3, 0x0f); // and $0xf,%r11d
  asm.code.u8(0x41, 0x83, 0xfb, 0x08); // cmp $0x8,%r11d
  asm.code.u8(0x74, 0x02); // je over the next
  asm.code.u8(0x0f, 0x0b); // ud2
}

/** long copy_to_user(void *to, const void *from, unsigned long size) */
function copyBytes(asm: X86Assembler): void {
  asm.movRegReg(REG.rcx, REG.rdx);
  asm.code.u8(0xf3, 0xa4); // rep movsb
  asm.movImm(REG.rax, 0n);
}
