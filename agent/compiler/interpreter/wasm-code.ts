/** Types of values, as the binary format writes them (WebAssembly Core 2.0, 5.3.1). */
export const WASM_TYPE = { I32: 0x7f, I64: 0x7e } as const;

/** Opcodes without operands, or whose operands {@link WasmCode} writes (WebAssembly Core 2.0, 5.4). */
export const WASM = {
  UNREACHABLE: 0x00,
  BLOCK: 0x02,
  LOOP: 0x03,
  IF: 0x04,
  ELSE: 0x05,
  END: 0x0b,
  BR: 0x0c,
  BR_IF: 0x0d,
  BR_TABLE: 0x0e,
  RETURN: 0x0f,
  DROP: 0x1a,
  CALL: 0x10,
  GET: 0x20,
  SET: 0x21,
  TEE: 0x22,
  GLOBAL_GET: 0x23,
  GLOBAL_SET: 0x24,
  I64_LOAD: 0x29,
  I32_LOAD8_U: 0x2d,
  I64_LOAD8_U: 0x31,
  I64_LOAD16_U: 0x33,
  I64_LOAD32_U: 0x35,
  I32_STORE: 0x36,
  I64_STORE: 0x37,
  I32_STORE8: 0x3a,
  I64_STORE8: 0x3c,
  I64_STORE16: 0x3d,
  I64_STORE32: 0x3e,
  I32_CONST: 0x41,
  I64_CONST: 0x42,
  I32_EQZ: 0x45,
  I32_LT_S: 0x48,
  I32_GT_U: 0x4b,
  I32_GE_U: 0x4f,
  I64_EQZ: 0x50,
  I64_EQ: 0x51,
  I64_NE: 0x52,
  I64_LT_S: 0x53,
  I64_LT_U: 0x54,
  I64_LE_S: 0x57,
  I64_LE_U: 0x58,
  I32_ADD: 0x6a,
  I32_SUB: 0x6b,
  I32_AND: 0x71,
  I32_SHL: 0x74,
  I64_ADD: 0x7c,
  I64_SUB: 0x7d,
  I64_MUL: 0x7e,
  I64_DIV_S: 0x7f,
  I64_DIV_U: 0x80,
  I64_REM_S: 0x81,
  I64_REM_U: 0x82,
  I64_AND: 0x83,
  I64_OR: 0x84,
  I64_XOR: 0x85,
  I64_SHL: 0x86,
  I64_SHR_S: 0x87,
  I64_SHR_U: 0x88,
  I32_WRAP_I64: 0xa7,
  I64_EXTEND_I32_U: 0xad,
  I64_EXTEND8_S: 0xc2,
  I64_EXTEND16_S: 0xc3,
  I64_EXTEND32_S: 0xc4,
} as const;

/** The type of a block that leaves nothing on the stack. */
export const NO_VALUE = 0x40;

/** Bytes of WebAssembly that grow as they are written: code, or a section. */
export class WasmCode {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** What has been written; a view, which the next byte may leave behind. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Single bytes: opcodes, types. */
  put(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#byte(byte);
    return this;
  }

  /** A count, an index or a size: unsigned LEB128. */
  count(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
    return this;
  }

  /** An opcode with an index: of a local, a global, a function, a label. */
  indexed(opcode: number, index: number): this {
    this.#byte(opcode);
    return this.count(index);
  }

  /** `i32.const`. */
  i32(value: number): this {
    this.#byte(WASM.I32_CONST);
    let rest = value | 0;
    for (; rest < -64 || rest > 63; rest >>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest & 0x7f);
    return this;
  }

  /** `i64.const`; unsigned values are taken by their bits. */
  i64(value: bigint): this {
    this.#byte(WASM.I64_CONST);
    let rest = BigInt.asIntN(64, value);
    for (; rest < -64n || rest > 63n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest & 0x7fn));
    return this;
  }

  /** A load or a store at the address on the stack and `offset`; it need not be aligned. */
  memory(opcode: number, offset: number): this {
    this.#byte(opcode);
    this.#byte(0);
    return this.count(offset);
  }

  /** `memory.copy`: to, from and count are on the stack. */
  copyMemory(): this {
    return this.put(0xfc, 10, 0, 0);
  }

  /** `memory.fill`: start, byte and count are on the stack. */
  fillMemory(): this {
    return this.put(0xfc, 11, 0);
  }

  /** Other bytes, with their count before them. */
  sized(bytes: Uint8Array): this {
    this.count(bytes.length);
    return this.append(bytes);
  }

  /** Other bytes as they are. */
  append(bytes: Uint8Array): this {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = byte;
  }

  #grow(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + count, this.#bytes.length * 2));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
