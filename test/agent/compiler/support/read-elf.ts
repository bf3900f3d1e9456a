import { spawnSync } from 'node:child_process';
import { withFile } from './disassemble.ts';

/** A section, as readelf tells it. */
export interface ReadSection {
  readonly index: number;
  readonly type: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly flags: string;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly bytes: Uint8Array;
}

/** A symbol, as readelf tells it. */
export interface ReadSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly sizeBytes: number;
  readonly type: string;
  readonly bind: string;
  readonly section: string;
}

/** A relocation, as readelf tells it. */
export interface ReadRelocation {
  readonly offset: number;
  readonly type: string;
  readonly symbol: string;
}

/** An ELF file by the account of readelf, which knows nothing of our writer. */
export interface ReadElf {
  /** All that it said. */
  readonly text: string;
  readonly sections: ReadonlyMap<string, ReadSection>;
  readonly symbols: readonly ReadSymbol[];
  readonly relocations: ReadonlyMap<string, readonly ReadRelocation[]>;
}

/** Throws where readelf finds something to warn of. */
export function readElf(file: Uint8Array): ReadElf {
  const text = withFile(file, path => readelf(path));
  return {
    text,
    sections: sectionsOf(text, file),
    symbols: symbolsOf(text),
    relocations: relocationsOf(text),
  };
}

function readelf(path: string): string {
  const { stdout, stderr, status } = spawnSync('readelf', ['-aW', path], { encoding: 'utf8' });
  if (status !== 0 || stderr !== '' || /warning|error/i.test(stdout)) {
    throw new Error(`readelf ended with ${status}: ${stderr}\n${stdout}`);
  }
  return stdout;
}

//   [ 1] .init.text        PROGBITS        0000000000000000 000040 0000a5 00  AX  0   0 16
const SECTION =
  /^ +\[ *(\d+)\] (\S+) +([A-Z_]+) +[0-9a-f]{16} ([0-9a-f]+) ([0-9a-f]+) [0-9a-f]+ +([A-Z]*) +(\d+) +(\d+) +(\d+)$/gm;

function sectionsOf(text: string, file: Uint8Array): Map<string, ReadSection> {
  const sections = [...text.matchAll(SECTION)].map(match => {
    const [, index, name, type, at, size, flags, link, info, alignment] = match as string[] as [
      string,
      ...string[],
    ];
    const [offset, sizeBytes] = [Number.parseInt(at!, 16), Number.parseInt(size!, 16)];
    const section: ReadSection = {
      index: Number(index),
      type: type!,
      offset,
      sizeBytes,
      flags: flags!,
      link: Number(link),
      info: Number(info),
      alignment: Number(alignment),
      bytes: file.subarray(offset, offset + sizeBytes),
    };
    return [name!, section] as const;
  });
  return new Map(sections);
}

//      6: ffffffff81001200     0 FUNC    LOCAL  DEFAULT  ABS eight
const SYMBOL = /^ +\d+: ([0-9a-f]{16}) +(\d+) (\w+) +(\w+) +DEFAULT +(\w+) ?(\S*)/gm;

function symbolsOf(text: string): ReadSymbol[] {
  return [...text.matchAll(SYMBOL)].map(match => ({
    name: match[6]!,
    value: BigInt(`0x${match[1]}`),
    sizeBytes: Number(match[2]),
    type: match[3]!,
    bind: match[4]!,
    section: match[5]!,
  }));
}

// 0000000000000023  0000000200000002 R_X86_64_PC32          0000000000000000 .data - 4
const RELOCATION = /^([0-9a-f]{16}) +[0-9a-f]{16} (\w+) +[0-9a-f]{16} (.+)$/gm;

function relocationsOf(text: string): Map<string, ReadRelocation[]> {
  const tables = text.split(/^Relocation section '/m).slice(1);
  return new Map(
    tables.map(table => {
      const name = table.slice(0, table.indexOf("'"));
      const rows = [...table.matchAll(RELOCATION)].map(([, offset, type, symbol]) => ({
        offset: Number.parseInt(offset!, 16),
        type: type!,
        symbol: symbol!,
      }));
      return [name, rows];
    }),
  );
}
