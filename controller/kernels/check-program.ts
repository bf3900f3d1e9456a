import type { LanguageService, Prelude } from '../../agent/compiler/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { type Library, withLibrary } from '../../shared/library/index.ts';
import type {
  CompletionList,
  CompletionQuery,
  KernelRef,
  ProgramCheck,
  ProgramDiagnostics,
} from '../../shared/messages/index.ts';
import type { KernelTypesRecord } from '../store/index.ts';
import { buildName } from './kernel-builds.ts';
import type { KernelCache } from './kernel-cache.ts';
import type { KernelsDeps } from './list-kernels.ts';

/** Inputs of the checks of programs, by reference; owned by the caller. */
export interface CheckProgramDeps extends KernelsDeps {
  readonly kernelCache: KernelCache;
  readonly prelude: Prelude | undefined;
  readonly library: Library;
}

/**
 * The diagnostics that a host with this kernel would report for the program, as far as they can be known
 * here. The host decides by its own kernel. Throws NOT_FOUND if the kernel's types are not known.
 */
export async function checkOnKernels(
  deps: CheckProgramDeps,
  { program, kernel }: ProgramCheck,
): Promise<ProgramDiagnostics> {
  const { languageService, record } = await kernelOf(deps, kernel);
  const { text, lines } = asSigned(program, deps);
  const { diagnostics, resultType, effect, indirectCalls, callees } = languageService.check(text);
  return {
    diagnostics: diagnostics.map(({ line, ...diagnostic }) => ({
      ...diagnostic,
      line: Math.max(1, line - lines),
    })),
    callees: [...callees],
    sourceHost: record.host,
    ...(resultType !== undefined && { resultType }),
    ...(effect !== undefined && { effect }),
    ...(indirectCalls && { indirectCalls }),
  };
}

/** How the program may continue at the offset. Throws NOT_FOUND if the kernel's types are not known. */
export async function completeOnKernel(
  deps: CheckProgramDeps,
  { program, offset, kernel, limit }: CompletionQuery,
): Promise<CompletionList> {
  const { languageService } = await kernelOf(deps, kernel);
  const { text, chars } = asSigned(program, deps);
  const at = Math.min(offset, program.length) + chars;
  const found = languageService.complete({ program: text, offset: at, limit });
  const from = Math.max(0, found.from - chars);
  const { library } = deps;
  const ofLibrary = libraryItems(library, program.slice(0, from), program.slice(from, offset));
  const others = found.items.filter(({ label }) => !library.find(label));
  return { from, items: [...ofLibrary, ...others].slice(0, limit) };
}

/** Begun names that are shorter would offer too much of the library. */
const LEAST_TYPED_CHARS = 2;

/** Names of the library that begin as `typed` does, where a name of it can stand. */
function libraryItems(library: Library, before: string, typed: string): CompletionList['items'] {
  if (typed.length < LEAST_TYPED_CHARS || /(?:\.|->|\b(?:struct|union|enum|goto))\s*$/.test(before))
    return [];
  return library.items.flatMap(({ defines, comment }) =>
    defines
      .filter(name => name.startsWith(typed))
      .map(label => ({ label, kind: 'library' as const, detail: comment })),
  );
}

interface OpenedKernel {
  readonly languageService: LanguageService;
  readonly record: KernelTypesRecord;
}

async function kernelOf(deps: CheckProgramDeps, wanted: KernelRef): Promise<OpenedKernel> {
  const isMeant = (record: KernelTypesRecord): boolean =>
    buildName(record) === buildName(wanted) && (wanted.version === '' || record.version === wanted.version);
  const record = (await deps.kernelTypes.list()).find(isMeant);
  const languageService = record && (await deps.kernelCache.take(record));
  if (languageService) return { languageService, record };
  const problem = deps.kernelTypesFetcher.problemOf(wanted);
  throw new FarcallError(
    'NOT_FOUND',
    `the types of ${buildName(wanted)} are not known here${problem === undefined ? ' yet' : `: ${problem}`}`,
  );
}

/**
 * The program with what it uses of prelude and library before it, as it would be signed. The lines of the
 * prelude count as lines of the program; the library does not.
 */
function asSigned(program: string, { prelude, library }: Pick<CheckProgramDeps, 'prelude' | 'library'>) {
  const withConstants = prelude ? applied(program, prelude) : program;
  const constants = withConstants.slice(0, withConstants.length - program.length);
  const text = withLibrary({ program: withConstants, library: library.select(withConstants) });
  return { text, chars: text.length - program.length, lines: constants.split('\n').length - 1 };
}

/** A program that cannot be taken apart has no constants: the check says why. */
function applied(program: string, prelude: Prelude): string {
  try {
    return prelude.applyTo(program);
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code.startsWith('PROGRAM_')) return program;
    throw thrown;
  }
}
