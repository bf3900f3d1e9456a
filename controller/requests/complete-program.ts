import type { Prelude } from '../../agent/compiler/index.ts';
import type { Library, ProgramParts } from '../../shared/library/index.ts';

/** What programs may use beside themselves: constants of this site, and the library of this release. */
export interface ProgramSources {
  readonly prelude: Prelude | undefined;
  readonly library: Library;
}

/**
 * A draft's program as it is signed: with what it uses of the prelude as a part of it, and with what it uses
 * of the library beside it, unless the draft brings its own. Throws PROGRAM_* where the prelude cannot be
 * applied.
 */
export function completeProgram(
  { prelude, library: released }: ProgramSources,
  { program: given, library: own, values }: ProgramParts,
): ProgramParts {
  const program = prelude?.applyTo(given) ?? given;
  const library = own ?? released.select(program);
  return { program, ...(library !== '' && { library }), ...(values !== undefined && { values }) };
}
