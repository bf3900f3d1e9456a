import { FarcallError } from '../../../shared/errors/index.ts';
import type { TokenTable } from './token-table.ts';

/** nm(1)'s letters for symbols that have an address. */
const TYPE_LETTERS = 'TtDdRrBbWwVvAaNnIiCcGgPpSs';

/**
 * Compresses names exactly as scripts/kallsyms.c did, so that a name can be searched for in its compressed
 * form.
 *
 * That script joins the most common pair of neighbours to a new code, everywhere, again and again, handing
 * out codes from 255 down. Only what a code expands to is kept, not which pair it was; but the pair is found
 * by compressing that expansion with the codes handed out before. For wherever the piece stood when its code
 * was made, nothing had been joined across its ends, and so it had been joined within just as it is when it
 * stands alone.
 */
export class NameEncoder {
  /** Code by pair: `left << 8 | right`. */
  readonly #joined = new Map<number, number>();
  /**
   * Pieces of two letters and more by their first, to know which type letters are ever joined with a name.
   */
  readonly #piecesFrom = new Map<number, Uint8Array[]>();
  /** The letters in use that can be a type, each standing for itself. */
  readonly types: readonly number[];

  /** @throws FarcallError KALLSYMS_INVALID if a piece does not come from exactly two: another compression */
  constructor(tokens: TokenTable) {
    for (let code = 255; code >= 0; code--) {
      const piece = tokens[code]!;
      if (piece.length === 0 || (piece.length === 1 && piece[0] === code)) continue;
      const [left, right, ...rest] = this.encode(piece);
      if (left === undefined || right === undefined || rest.length > 0) throw invalid(code);
      this.#joined.set((left << 8) | right, code);
    }
    for (const piece of tokens) {
      if (piece.length < 2) continue;
      const others = this.#piecesFrom.get(piece[0]!);
      if (others === undefined) this.#piecesFrom.set(piece[0]!, [piece]);
      else others.push(piece);
    }
    this.types = [...Buffer.from(TYPE_LETTERS, 'latin1')].filter(letter => tokens[letter]![0] === letter);
  }

  /**
   * The codes for `text`: of all pairs that can be joined, the one with the highest code first, from the
   * left.
   */
  encode(text: Uint8Array): number[] {
    const codes = [...text];
    for (;;) {
      let best = -1;
      let index = -1;
      for (let at = 0; at + 1 < codes.length; at++) {
        const code = this.#joined.get((codes[at]! << 8) | codes[at + 1]!) ?? -1;
        if (code > best) {
          best = code;
          index = at;
        }
      }
      if (index < 0) return codes;
      codes.splice(index, 2, best);
    }
  }

  /** How `name` may stand in the table, given that a type letter comes before it. */
  spellings(name: Uint8Array): Spellings {
    const joinedTypes = this.types.filter(type => this.#isJoined(type, name));
    return {
      alone: this.encode(name),
      freeTypes: this.types.filter(type => !joinedTypes.includes(type)),
      joined: joinedTypes.map(type => this.encode(Uint8Array.of(type, ...name))),
    };
  }

  /**
   * Whether any piece begins with `type` and goes on like `name`; if none does, the letter stays a code by
   * itself.
   */
  #isJoined(type: number, name: Uint8Array): boolean {
    return this.#piecesFrom.get(type)?.some(piece => isPrefix(piece, name)) ?? false;
  }
}

/** The codes of a name behind its type letter. */
export interface Spellings {
  /** Without a type letter; with one of `freeTypes`, that letter's code comes before these. */
  readonly alone: readonly number[];
  readonly freeTypes: readonly number[];
  /** Type letter included, for each letter that is joined with the start of the name. */
  readonly joined: readonly (readonly number[])[];
}

/** Whether `name` starts with `piece` less its first letter. */
function isPrefix(piece: Uint8Array, name: Uint8Array): boolean {
  if (piece.length - 1 > name.length) return false;
  for (let at = 1; at < piece.length; at++) if (piece[at] !== name[at - 1]) return false;
  return true;
}

function invalid(code: number): FarcallError {
  return new FarcallError(
    'KALLSYMS_INVALID',
    `the compression of kallsyms is not understood: code ${code} does not come from two others`,
  );
}
