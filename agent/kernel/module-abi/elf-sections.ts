import { FarcallError } from '../../../shared/errors/index.ts';
import { viewOf } from '../kcore/index.ts';

const EHDR_BYTES = 64;
const SHDR_BYTES = 64;
const SHT_NOBITS = 8;
const SECTIONS_MAX = 65_535;
const NAME_MAX_BYTES = 256;

/**
 * Finds sections of an ELF64 little-endian file by name; what is not there is not in the result. Of two
 * sections of one name the first counts.
 *
 *     \x7fELF 02 01 …  e_shoff  e_shentsize=64  e_shnum=42  e_shstrndx=41
 *
 * @throws FarcallError FILE_UNREADABLE for a file of another form
 */
export function readSections(file: Uint8Array, names: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const { tableAt, count, stringsIndex } = parseHeader(file);
  const view = viewOf(file);
  const contentOf = (index: number): Uint8Array => {
    const at = tableAt + index * SHDR_BYTES;
    if (view.getUint32(at + 4, true) === SHT_NOBITS) return new Uint8Array(0);
    return slice(file, view.getBigUint64(at + 24, true), view.getBigUint64(at + 32, true));
  };
  const strings = contentOf(stringsIndex);
  const found = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const name = stringAt(strings, view.getUint32(tableAt + index * SHDR_BYTES, true));
    if (names.includes(name) && !found.has(name)) found.set(name, contentOf(index));
  }
  return found;
}

function parseHeader(file: Uint8Array): { tableAt: number; count: number; stringsIndex: number } {
  if (file.length < EHDR_BYTES) throw invalid('it is shorter than an ELF header');
  const view = viewOf(file);
  if (view.getUint32(0, false) !== 0x7f454c46) throw invalid('it does not start with \\x7fELF');
  if (file[4] !== 2 || file[5] !== 1) throw invalid('it is not ELF64 little-endian');
  const tableAt = view.getBigUint64(40, true);
  const count = view.getUint16(60, true);
  const stringsIndex = view.getUint16(62, true);
  if (view.getUint16(58, true) !== SHDR_BYTES) throw invalid('its section headers have another size');
  if (count === 0 || count >= SECTIONS_MAX || stringsIndex >= count) throw invalid('it names no sections');
  if (tableAt + BigInt(count * SHDR_BYTES) > BigInt(file.length))
    throw invalid('its section headers are cut off');
  return { tableAt: Number(tableAt), count, stringsIndex };
}

function slice(file: Uint8Array, offset: bigint, size: bigint): Uint8Array {
  if (offset + size > BigInt(file.length)) throw invalid('one of its sections is cut off');
  return file.subarray(Number(offset), Number(offset + size));
}

function stringAt(strings: Uint8Array, at: number): string {
  if (at >= strings.length) return '';
  const end = strings.indexOf(0, at);
  const name = strings.subarray(at, Math.min(end < 0 ? strings.length : end, at + NAME_MAX_BYTES));
  return Buffer.from(name).toString('latin1');
}

function invalid(why: string): FarcallError {
  return new FarcallError('FILE_UNREADABLE', `a module file cannot be used: ${why}`);
}
