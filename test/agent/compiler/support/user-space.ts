import { execFileSync } from 'node:child_process';
import { backEndFor } from '../../../../agent/compiler/codegen/index.ts';
import { EXECUTABLE_HEADER_BYTES, writeExecutable } from '../../../../agent/compiler/elf/index.ts';
import { layoutData } from '../../../../agent/compiler/index.ts';
import type { IrProgram } from '../../../../agent/compiler/ir/index.ts';
import { DEADLINES } from '../../../kit/deadlines.ts';
import { withFile } from './disassemble.ts';
import type { TestCpu } from './test-cpus.ts';
import { FIRST_FUNCTION, type UserCpu } from './user-cpu.ts';
import { userArm64 } from './user-cpu-aarch64.ts';
import { userX86 } from './user-cpu-x86-64.ts';

/** What one program did. */
export interface Ran {
  /** The result area, as copy_to_user brought it. */
  readonly area: Uint8Array;
  /** What init returned. */
  readonly returned: number;
}

const TEXT_ADDRESS = 0x2000_0000n;
const CODE_ADDRESS = TEXT_ADDRESS + BigInt(EXECUTABLE_HEADER_BYTES);
const BSS_ADDRESS = 0x4000_0000n;
const FUNCTION_BYTES = 384;

/**
 * Runs code that was made for a kernel in a process of its own: a static executable with the programs,
 * functions for them to call at fixed addresses, and nothing else. It writes all memory that programs and
 * functions wrote to its standard output. A function that finds the stack not aligned stops the process.
 */
export class UserSpace {
  /** Writes the functions. */
  readonly cpu: UserCpu;
  readonly #emulator: readonly string[];
  readonly #functions: Uint8Array[] = [];
  #memoryBytes = 0;

  constructor({ arch, emulator }: TestCpu) {
    this.cpu = [userX86, userArm64].find(each => each.arch === arch)!;
    this.#emulator = emulator;
  }

  /** Adds a function that `cpu` wrote, and gives its address. */
  define(code: Uint8Array): bigint {
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
    const { arch, registersBytes } = this.cpu;
    const copy = this.define(this.cpu.copy());
    const fail = this.define(this.cpu.answer(-14n));
    const findFunction = (name: string) => {
      if (name.startsWith('__x86')) return undefined;
      return { name, address: name.startsWith('copy_') ? copy : fail };
    };
    const layouts = programs.map(layoutData);
    const areas = layouts.map(({ resultBytes }) => this.memory(align(resultBytes) + align(registersBytes)));
    const outputBytes = this.#memoryBytes;
    let data = BSS_ADDRESS + BigInt(outputBytes);
    const placed = programs.map((program, index) => {
      const userAddress = areas[index]!.address;
      const code = backEndFor(arch).generate({ program, findFunction, userAddress });
      const at = data;
      data += BigInt(align(code.zeroBytes) + align(code.data.length));
      return {
        code,
        zeros: at,
        constants: at + BigInt(align(code.zeroBytes)),
        registers: userAddress + BigInt(align(layouts[index]!.resultBytes)),
      };
    });
    if (programs.length === 0) return { results: [], memory: new Uint8Array(outputBytes) };
    const text = this.cpu.process({
      functions: Buffer.concat(this.#functions.map(padded)),
      programs: placed,
      address: CODE_ADDRESS,
      output: { address: BSS_ADDRESS, sizeBytes: outputBytes },
    });
    const output = this.#execute(text, Number(data - BSS_ADDRESS));
    if (output.length !== outputBytes)
      throw new Error(`${output.length} bytes came back, not ${outputBytes}`);
    const results = areas.map(({ offset }, index): Ran => {
      const sizeBytes = layouts[index]!.resultBytes;
      const area = output.subarray(offset, offset + sizeBytes);
      return { area, returned: this.cpu.returnedOf(output.subarray(offset + align(sizeBytes))) };
    });
    return { results, memory: output };
  }

  #execute(text: Uint8Array, bssBytes: number): Buffer {
    const image = writeExecutable({
      arch: this.cpu.arch,
      textAddress: TEXT_ADDRESS,
      text,
      bssAddress: BSS_ADDRESS,
      bssBytes,
    });
    return withFile(image, path => {
      const [program, ...args] = [...this.#emulator, path];
      return execFileSync(program!, args, { timeout: DEADLINES.commandMs, maxBuffer: 64 << 20 });
    });
  }
}

function padded(code: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(FUNCTION_BYTES);
  bytes.set(code);
  return bytes;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
