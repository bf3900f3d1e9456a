/** A PT_LOAD of a core file. */
export interface LoadSegment {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** An ELF64 core file like /proc/kcore: header, program headers, notes, memory. */
export function coreFile(segments: readonly LoadSegment[], notes: Uint8Array = new Uint8Array(0)): Buffer {
  const count = segments.length + 1;
  let offset = 64 + 56 * count;
  const header = elfHeader(4);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(count, 56);
  const headers: Buffer[] = [];
  const bodies: Uint8Array[] = [];
  for (const piece of [{ type: 4, address: 0n, bytes: notes }, ...segments.map(s => ({ type: 1, ...s }))]) {
    headers.push(programHeader(piece.type, piece.address, piece.bytes.length, offset));
    bodies.push(piece.bytes);
    offset += piece.bytes.length;
  }
  return Buffer.concat([header, ...headers, ...bodies]);
}

/** One ELF note. */
export function note(name: string, text: string): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length + 1, 0);
  head.writeUInt32LE(text.length, 4);
  return Buffer.concat([head, padded(`${name}\0`), padded(text)]);
}

/** An ELF64 relocatable file with these sections, as far as a module file's reader looks. */
export function relocatableFile(sections: Readonly<Record<string, Uint8Array>>): Buffer {
  const names = ['', ...Object.keys(sections), '.shstrtab'];
  const strings = Buffer.from(`${names.join('\0')}\0`, 'latin1');
  const bodies = [new Uint8Array(0), ...Object.values(sections), strings];
  const header = elfHeader(1);
  header.writeBigUInt64LE(64n, 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(names.length, 60);
  header.writeUInt16LE(names.length - 1, 62);
  let offset = 64 + 64 * names.length;
  const headers = names.map((name, index) => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(name === '' ? 0 : strings.indexOf(`\0${name}\0`) + 1, 0);
    entry.writeUInt32LE(1, 4);
    entry.writeBigUInt64LE(BigInt(offset), 24);
    entry.writeBigUInt64LE(BigInt(bodies[index]!.length), 32);
    offset += bodies[index]!.length;
    return entry;
  });
  return Buffer.concat([header, ...headers, ...bodies]);
}

/** A `__versions` section. */
export function versionsSection(entries: Readonly<Record<string, number>>): Buffer {
  return Buffer.concat(
    Object.entries(entries).map(([name, crc]) => {
      const entry = Buffer.alloc(64);
      entry.writeUInt32LE(crc, 0);
      entry.write(name, 8, 'latin1');
      return entry;
    }),
  );
}

function elfHeader(type: number): Buffer {
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(type, 16);
  return header;
}

function programHeader(type: number, address: bigint, size: number, offset: number): Buffer {
  const header = Buffer.alloc(56);
  header.writeUInt32LE(type, 0);
  header.writeBigUInt64LE(BigInt(offset), 8);
  header.writeBigUInt64LE(address, 16);
  header.writeBigUInt64LE(BigInt(size), 32);
  return header;
}

function padded(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
