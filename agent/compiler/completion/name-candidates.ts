import { FarcallError } from '../../../shared/errors/index.ts';
import type { Binding, Scope } from '../check/index.ts';
import { type FunctionType, prototypeToC, typeToC } from '../ctype/index.ts';
import type { CompletionCandidate, KernelIndex } from './kernel-index.ts';
import { LANGUAGE_KEYWORDS } from './keywords.ts';
import type { Ranked } from './rank.ts';

/** Names of kernels begin with underscores more often than people remember. */
const UNDERSCORES = ['', '_', '__'];

/**
 * What a name that begins with `prefix` may be: declared above, of the language, of the kernel. Of the kernel
 * only with a prefix.
 */
export function nameCandidates(prefix: string, scope: Scope, index: KernelIndex): readonly Ranked[] {
  const own = [...scope.visible()].map(([name, binding]) => declared(name, binding));
  const language = LANGUAGE_KEYWORDS.map(({ label, kind, detail }): CompletionCandidate => {
    return { label, kind, detail: () => detail };
  });
  const kernel = prefix === '' ? [] : UNDERSCORES.flatMap(lead => [...ofKernel(`${lead}${prefix}`, index)]);
  return [...own.map(inProgram), ...[...language, ...kernel].map(byKind)];
}

/** What may stand behind `struct`, `union` or `enum`. */
export function tagCandidates(
  tag: 'struct' | 'union' | 'enum',
  prefix: string,
  scope: Scope,
  index: KernelIndex,
): readonly Ranked[] {
  const own = [...scope.visibleTags()]
    .filter(([, type]) => type.kind === tag)
    .map(
      ([name]): CompletionCandidate => ({
        label: name,
        kind: 'type',
        detail: () => `${tag} ${name}, of this program`,
      }),
    );
  return [...own.map(inProgram), ...[...index.tags(tag, prefix)].map(byKind)];
}

function* ofKernel(prefix: string, index: KernelIndex): Generator<CompletionCandidate> {
  yield* index.values(prefix);
  yield* index.typedefs(prefix);
}

function declared(label: string, binding: Binding): CompletionCandidate {
  switch (binding.kind) {
    case 'variable':
      return { label, kind: 'local', detail: () => typeToC(binding.variable.type) };
    case 'extern':
      return { label, kind: 'local', detail: () => typeToC(binding.type) };
    case 'function':
      return { label, kind: 'local', detail: () => prototypeToC(label, binding.callee.type) };
    case 'awaited':
      return { label, kind: 'local', detail: () => prototypeToC(label, binding.type) };
    case 'own-function':
      return { label, kind: 'local', detail: () => ownPrototype(label, binding.declared.type) };
    case 'type':
      return { label, kind: 'type', detail: () => typeToC(binding.type) };
    case 'parameter':
      return { label, kind: 'local', detail: () => typeToC(binding.operand.type) };
    case 'enumerator':
      return { label, kind: 'enumerator', detail: () => `${binding.value}` };
  }
}

function ownPrototype(label: string, type: FunctionType | FarcallError): string {
  return type instanceof FarcallError ? label : prototypeToC(label, type);
}

/** What is declared in the program is meant more often than anything of the kernel. */
function inProgram(candidate: CompletionCandidate): Ranked {
  return { ...candidate, group: 0, order: candidate.label.length };
}

const KINDS: readonly CompletionCandidate['kind'][] = [
  'builtin',
  'keyword',
  'function',
  'type',
  'variable',
  'enumerator',
];

/** Of names that fit alike the shorter ones are meant more often. */
function byKind(candidate: CompletionCandidate): Ranked {
  return { ...candidate, group: 1 + KINDS.indexOf(candidate.kind), order: candidate.label.length };
}
