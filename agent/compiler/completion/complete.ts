import type { Completion, CompletionList } from '../../../shared/messages/index.ts';
import type { KernelNames } from '../check/index.ts';
import { completionContext } from './completion-context.ts';
import { isInCode } from './in-code.ts';
import type { KernelIndex } from './kernel-index.ts';
import { memberCandidates } from './member-candidates.ts';
import { nameCandidates, tagCandidates } from './name-candidates.ts';
import { type Ranked, rank } from './rank.ts';
import { ScopeScanner } from './scope-scanner.ts';
import { tokensOf } from './tokens-before.ts';

/** A position in a program, and the most candidates that are wanted there. */
export interface CompletionPosition {
  readonly program: string;
  /** UTF-16 code units from the start. */
  readonly offset: number;
  readonly limit: number;
}

/** The kernel that a program is for. */
export interface CompletionKernel {
  readonly names: KernelNames;
  readonly index: KernelIndex;
}

/**
 * Candidates for how the program goes on at the position, the likeliest first. The program may be broken
 * before the position and behind it: what stands behind is not looked at, and of what stands before as much
 * is understood as can be. Throws nothing for whatever text it is.
 */
export function complete(
  { program, offset: wanted, limit }: CompletionPosition,
  kernel: CompletionKernel,
): CompletionList {
  const offset = Math.min(wanted, program.length);
  const from = wordStart(program, offset);
  const prefix = program.slice(from, offset);
  if (/^[0-9]/.test(prefix) || !isInCode(program, from)) return { from, items: [] };
  return { from, items: shown(rank(candidatesAt(program.slice(0, from), prefix, kernel), prefix), limit) };
}

function wordStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && /[A-Za-z0-9_$]/.test(text[at - 1]!)) at--;
  return at;
}

function candidatesAt(before: string, prefix: string, { names, index }: CompletionKernel): readonly Ranked[] {
  const tokens = tokensOf(before);
  const context = completionContext(tokens);
  if (context.kind === 'nothing') return [];
  const scanner = new ScopeScanner(tokens, names);
  scanner.read();
  switch (context.kind) {
    case 'tag':
      return tagCandidates(context.tag, prefix, scanner.context.scope, index);
    case 'name':
      return nameCandidates(prefix, scanner.context.scope, index);
    default:
      return memberCandidates(context, tokens, scanner);
  }
}

function shown(candidates: readonly Ranked[], limit: number): Completion[] {
  const labels = new Set<string>();
  const items: Completion[] = [];
  for (const { label, kind, detail } of candidates) {
    if (items.length >= limit) break;
    if (labels.has(label)) continue;
    labels.add(label);
    items.push({ label, kind, detail: detail() });
  }
  return items;
}
