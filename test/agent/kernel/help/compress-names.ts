/** Names compressed the way scripts/kallsyms.c does it, written independently of the code under test. */
export interface CompressedTable {
  /** `kallsyms_names`. */
  readonly names: Buffer;
  readonly markers: Buffer;
  readonly tokenTable: Buffer;
  readonly tokenIndex: Buffer;
}

/**
 * Compresses `texts`, each a type letter and a name: the commonest pair becomes a code, 255 downwards, until
 * none.
 */
export function compressNames(texts: readonly string[]): CompressedTable {
  const symbols = texts.map(text => [...Buffer.from(text, 'latin1')]);
  const pieces: string[] = new Array<string>(256).fill('');
  for (const letter of new Set(symbols.flat())) pieces[letter] = String.fromCharCode(letter);
  for (let code = 255; code >= 0; code--) {
    if (pieces[code] !== '') continue;
    const pair = commonestPair(symbols);
    if (pair === undefined) break;
    pieces[code] = pieces[pair[0]]! + pieces[pair[1]]!;
    for (const symbol of symbols) joinPair(symbol, pair, code);
  }
  return { ...layNames(symbols), ...layTokens(pieces) };
}

function commonestPair(symbols: readonly number[][]): readonly [number, number] | undefined {
  const counts = new Map<number, number>();
  for (const symbol of symbols) {
    for (let at = 0; at + 1 < symbol.length; at++) {
      const pair = symbol[at]! * 256 + symbol[at + 1]!;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  let best: number | undefined;
  for (const [pair, count] of counts) if (best === undefined || count > counts.get(best)!) best = pair;
  return best === undefined ? undefined : [Math.floor(best / 256), best % 256];
}

function joinPair(symbol: number[], [left, right]: readonly [number, number], code: number): void {
  for (let at = 0; at + 1 < symbol.length; at++) {
    if (symbol[at] === left && symbol[at + 1] === right) symbol.splice(at, 2, code);
  }
}

function layNames(symbols: readonly number[][]): { names: Buffer; markers: Buffer } {
  const names: number[] = [];
  const markers: number[] = [];
  for (const [index, codes] of symbols.entries()) {
    if (index % 256 === 0) markers.push(names.length);
    if (codes.length < 128) names.push(codes.length, ...codes);
    else names.push((codes.length & 127) + 128, codes.length >> 7, ...codes);
  }
  const marks = Buffer.alloc(4 * markers.length);
  for (const [index, marker] of markers.entries()) marks.writeUInt32LE(marker, 4 * index);
  return { names: Buffer.from(names), markers: marks };
}

function layTokens(pieces: readonly string[]): { tokenTable: Buffer; tokenIndex: Buffer } {
  const tokenIndex = Buffer.alloc(512);
  let table = '';
  for (const [code, piece] of pieces.entries()) {
    tokenIndex.writeUInt16LE(table.length, 2 * code);
    table += `${piece}\0`;
  }
  return { tokenTable: Buffer.from(table, 'latin1'), tokenIndex };
}
