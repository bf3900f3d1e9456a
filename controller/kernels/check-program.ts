import type { LanguageService, Prelude } from '../../agent/compiler/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
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
  const { text, lines } = withPrelude(program, deps.prelude);
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
  const { text, chars } = withPrelude(program, deps.prelude);
  const at = Math.min(offset, program.length) + chars;
  const { from, items } = languageService.complete({ program: text, offset: at, limit });
  return { from: Math.max(0, from - chars), items };
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
 * The program with the constants that it uses before it, as it would be signed, and how much stands before it
 * then.
 */
function withPrelude(program: string, prelude: Prelude | undefined) {
  const text = prelude ? applied(program, prelude) : program;
  const before = text.slice(0, text.length - program.length);
  return { text, chars: before.length, lines: before.split('\n').length - 1 };
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
