/** Begins a library text; see `library.ts`. */
const BEGINS = '/* farcall library: ';

/** Says from which header the next definitions are. */
const HEADER_LINE = /^\/\* farcall library: ([\w/.-]+) \*\/$/gm;

/** Stands between the library and the program. */
const ENDS = '/* farcall library ends */\n';

/** A program, and the part of the library that it uses; absent or empty where it uses none. */
export interface ProgramParts {
  readonly program: string;
  readonly library?: string | undefined;
}

/** The text that hosts compile: what a program uses of the library, and then the program. */
export function withLibrary({ library, program }: ProgramParts): string {
  return library === undefined || library === '' ? program : `${library}${ENDS}${program}`;
}

/**
 * The offset at which the program begins in a text that {@link withLibrary} made; 0 where no library is
 * before it.
 */
export function programStart(text: string): number {
  if (!text.startsWith(BEGINS)) return 0;
  const at = text.indexOf(ENDS);
  return at < 0 ? 0 : at + ENDS.length;
}

/** What a library text takes from one header. */
export interface LibraryPart {
  readonly header: string;
  readonly text: string;
}

/** The parts of a library text, in its order. */
export function libraryParts(library: string): LibraryPart[] {
  const [, ...parts] = library.split(HEADER_LINE);
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    header: parts[2 * index]!,
    text: parts[2 * index + 1]!,
  }));
}

/** The headers that a library text takes definitions from, in its order. */
export function libraryHeadersIn(library: string): string[] {
  return libraryParts(library).map(({ header }) => header);
}
