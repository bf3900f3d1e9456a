import { FarcallError } from '../errors/index.ts';

/** Begins a library text; see `library.ts`. */
const BEGINS = '/* farcall library: ';

/** Says from which header the next definitions are. */
const HEADER_LINE = /^\/\* farcall library: ([\w/.-]+) \*\/$/gm;

/** Stands between the library and the program. */
const ENDS = '/* farcall library ends */\n';

/** Begins a text that has values for the parameters of its program; what follows is one line of JSON. */
const VALUES = '/* farcall values: ';

/** A program, and the part of the library that it uses; absent or empty where it uses none. */
export interface ProgramParts {
  readonly program: string;
  readonly library?: string | undefined;
  /** Values of its parameters, in canonical JSON; absent where all are at their presets. */
  readonly values?: string | undefined;
}

/** The first line of a library text. */
const FIRST_LINE = /^\/\* farcall library: [\w/.-]+ \*\/\n/;

/**
 * The text that hosts compile: values of parameters, what a program uses of the library, and the program.
 * Throws PROGRAM_SYNTAX where one of them could be taken for another.
 *
 * Threat: what people sign as a library holds the end of one, so that its rest runs as a part of the program,
 * in which nobody reads it; or a program begins as values or a library do, which readers take for a comment.
 */
export function withLibrary({ library, program, values }: ProgramParts): string {
  if ([BEGINS, VALUES].some(start => program.startsWith(start)))
    throw new FarcallError('PROGRAM_SYNTAX', 'a program cannot begin as a part of the library does');
  if (library && (!FIRST_LINE.test(library) || library.includes(ENDS)))
    throw new FarcallError('PROGRAM_SYNTAX', 'the library of the program is not a text of a library');
  const first = values === undefined ? '' : `${VALUES}${values}\n`;
  return `${first}${library ? `${library}${ENDS}` : ''}${program}`;
}

/** A text that {@link withLibrary} made, in its parts. */
export interface SplitText {
  /** JSON of the values; undefined where there are none. */
  readonly values: string | undefined;
  readonly library: string;
  readonly program: string;
}

/** The parts of a text that {@link withLibrary} made. */
export function splitText(text: string): SplitText {
  const valuesEnd = text.startsWith(VALUES) ? text.indexOf('\n') + 1 : 0;
  const start = programStart(text);
  return {
    values: valuesEnd > 0 ? text.slice(VALUES.length, valuesEnd - 1) : undefined,
    library: text.slice(valuesEnd, start),
    program: text.slice(start),
  };
}

/** The offset at which the program begins in a text that {@link withLibrary} made. */
export function programStart(text: string): number {
  const from = text.startsWith(VALUES) ? text.indexOf('\n') + 1 : 0;
  if (!text.startsWith(BEGINS, from)) return from;
  const at = text.indexOf(ENDS, from);
  return at < 0 ? from : at + ENDS.length;
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
