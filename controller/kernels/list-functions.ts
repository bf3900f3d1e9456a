import { setImmediate } from 'node:timers/promises';
import type { KernelFunction, LanguageService } from '../../agent/compiler/index.ts';
import { globMatches } from '../../shared/glob/index.ts';
import type { FunctionGroup, FunctionList, FunctionsQuery } from '../../shared/messages/index.ts';
import type { KernelCache } from './kernel-cache.ts';
import { type KernelsDeps, kernelView, type SelectedKernel, selectKernels } from './list-kernels.ts';

/** The stores and services that {@link listFunctions} uses. */
export interface ListFunctionsDeps extends KernelsDeps {
  readonly kernelCache: KernelCache;
}

/** How many names are suggested if nothing matches. */
const SUGGESTIONS = 5;

/**
 * Functions by a pattern of their names, over the known kernels of a selector: those that are the same in
 * several kernels are one group. Throws SELECTOR_INVALID.
 */
export async function listFunctions(deps: ListFunctionsDeps, query: FunctionsQuery): Promise<FunctionList> {
  const { pattern, selector, limit } = query;
  const kernels = await selectKernels(deps, selector);
  const groups = new Map<string, FunctionGroup>();
  const similar: string[] = [];
  for (const kernel of kernels) {
    const languageService = kernel.record && (await deps.kernelCache.take(kernel.record));
    if (!languageService) continue;
    for (const found of firstFunctions(languageService, pattern, limit)) addTo(groups, found, kernel);
    if (groups.size === 0 && similar.length === 0) similar.push(...suggestions(languageService, pattern));
    // Searching a kernel takes a while, and other calls wait.
    await setImmediate();
  }
  const sorted = [...groups.values()].sort(inOrder);
  return {
    groups: sorted.slice(0, limit),
    truncated: sorted.length > limit,
    similar: groups.size === 0 ? similar : [],
    kernels: kernels.map(kernel => kernelView(kernel, deps)),
  };
}

/**
 * One more than the limit, to see that there are more. Names are in order, so no kernel omits one that others
 * show.
 */
function* firstFunctions(
  languageService: LanguageService,
  pattern: string,
  limit: number,
): Generator<KernelFunction> {
  let count = 0;
  for (const found of languageService.functions(name => globMatches(pattern, name))) {
    yield found;
    if (++count > limit) return;
  }
}

function addTo(groups: Map<string, FunctionGroup>, found: KernelFunction, kernel: SelectedKernel): void {
  const { name, module, prototype, note } = found;
  const key = JSON.stringify([name, module, prototype, note]);
  const ref = { ...kernel.build, hosts: kernel.hosts.length };
  const group = groups.get(key);
  if (group) group.kernels.push(ref);
  else groups.set(key, { ...found, kernels: [ref] });
}

/** Names near to the pattern without its wildcards. */
function suggestions(languageService: LanguageService, pattern: string): readonly string[] {
  return languageService.similar(pattern.replace(/[*?]/g, ''), SUGGESTIONS);
}

function inOrder(one: FunctionGroup, other: FunctionGroup): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return hostsOf(other) - hostsOf(one) || (one.prototype < other.prototype ? -1 : 1);
}

function hostsOf({ kernels }: FunctionGroup): number {
  return kernels.reduce((sum, { hosts }) => sum + hosts, 0);
}
