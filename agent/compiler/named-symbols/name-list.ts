import { FarcallError } from '../../../shared/errors/index.ts';
import { NAME_MAX_BYTES } from '../facts/index.ts';

/**
 * What a name stands for: a function, one that was only there while the kernel started (`__init`), data, data
 * that is there once for each CPU, anything else.
 */
export type NameKind = 'f' | 'i' | 'v' | 'p' | 'o';

/** A symbol without its address. */
export interface NamedSymbol {
  readonly name: string;
  readonly kind: NameKind;
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
}

const KINDS = new Set('fivpo');

/** More symbols than any kernel has. */
const NAMES_LIMIT = 4_000_000;

/** Head of a line: its kind and a blank. */
export const HEAD_BYTES = 2;

const NEWLINE = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;

/** What stands for a symbol in a list of names: `f _printk`, `v nfsd_mutex	nfsd`. */
export function nameLine({ name, kind, module }: NamedSymbol): string {
  return module === undefined ? `${kind} ${name}\n` : `${kind} ${name}\t${module}\n`;
}

/**
 * The order of lines in a list: by name, then by module and kind. It is not that of addresses, and tells
 * nothing of them.
 */
export function compareNames(one: NamedSymbol, other: NamedSymbol): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  const [a, b] = [one.module ?? '', other.module ?? ''];
  if (a !== b) return a < b ? -1 : 1;
  return one.kind < other.kind ? -1 : one.kind > other.kind ? 1 : 0;
}

/**
 * Whether a program could mean a symbol of this name, or an error would name it: what has a dot in it has
 * only where the compiler cloned or split a function, and its own companions of functions nobody calls.
 */
export function isListedName(name: string): boolean {
  if (/^(__pfx_|__cfi_|__kcfi_typeid_|__UNIQUE_ID_)/.test(name)) return false;
  return !name.includes('.') || /^[A-Za-z_]\w*\.(constprop|isra|part|cold)\b/.test(name);
}

/**
 * Where the lines of a list start, with its length at the end. Throws MESSAGE_INVALID where `bytes` are no
 * such list.
 */
export function indexNames(bytes: Buffer): Uint32Array {
  let starts = new Uint32Array(Math.max(1024, bytes.length >> 4));
  let count = 0;
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) throw invalid('its last line has no end');
    checkLine(bytes, start, end);
    if (count > 0 && nameOrder(bytes, starts[count - 1]!, start) > 0)
      throw invalid(`its names are not in order at byte ${start}`);
    if (count === NAMES_LIMIT) throw invalid(`it has more than ${NAMES_LIMIT} names`);
    if (count + 1 === starts.length) starts = grown(starts);
    starts[count++] = start;
    start = end + 1;
  }
  starts[count] = bytes.length;
  return starts.slice(0, count + 1);
}

function grown(starts: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(starts.length * 2);
  larger.set(starts);
  return larger;
}

/** Where the name of the line at `start` ends. */
export function nameEnd(bytes: Uint8Array, start: number): number {
  let at = start + HEAD_BYTES;
  while (bytes[at] !== TAB && bytes[at] !== NEWLINE) at++;
  return at;
}

/** Names of two lines, compared byte by byte. */
function nameOrder(bytes: Uint8Array, one: number, other: number): number {
  for (let at = HEAD_BYTES; ; at++) {
    const a = bytes[one + at]!;
    const b = bytes[other + at]!;
    const endsA = a === TAB || a === NEWLINE;
    const endsB = b === TAB || b === NEWLINE;
    if (endsA || endsB) return endsA && endsB ? 0 : endsA ? -1 : 1;
    if (a !== b) return a - b;
  }
}

function checkLine(bytes: Uint8Array, start: number, end: number): void {
  if (end - start < HEAD_BYTES + 1 || end - start > NAME_MAX_BYTES + 128 || bytes[start + 1] !== SPACE)
    throw invalid(`the line at byte ${start} is not of the form "kind name"`);
  if (!KINDS.has(String.fromCharCode(bytes[start]!)))
    throw invalid(`the line at byte ${start} has an unknown kind`);
  let tabs = 0;
  for (let at = start + HEAD_BYTES; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === TAB && at > start + HEAD_BYTES && at < end - 1) tabs++;
    else if (byte <= SPACE || byte > 0x7e) throw invalid(`byte ${at} belongs to no name`);
  }
  if (tabs > 1) throw invalid(`the line at byte ${start} has two modules`);
}

function invalid(why: string): FarcallError {
  return new FarcallError('MESSAGE_INVALID', `the list of a kernel's names cannot be read: ${why}`);
}
