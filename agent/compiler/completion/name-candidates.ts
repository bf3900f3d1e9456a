import type { Binding, Scope } from '../check/index.ts';
import { prototypeToC, typeToC } from '../ctype/index.ts';
import type { Candidate, KernelIndex } from './kernel-index.ts';
import type { Ranked } from './rank.ts';
import { LANGUAGE_WORDS } from './words.ts';

/** Names of kernels begin with underscores more often than people remember. */
const UNDERSCORES = ['', '_', '__'];

/** What a name that begins with `prefix` may be: declared above, of the language, of the kernel. Of the kernel only with a prefix. */
export function nameCandidates(prefix: string, scope: Scope, index: KernelIndex): readonly Ranked[] {
  const own = [...scope.visible()].map(([name, binding]) => declared(name, binding));
  const language = LANGUAGE_WORDS.map(({ label, kind, detail }): Candidate => {
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
      ([name]): Candidate => ({ label: name, kind: 'type', detail: () => `${tag} ${name}, of this program` }),
    );
  return [...own.map(inProgram), ...[...index.tags(tag, prefix)].map(byKind)];
}

function* ofKernel(prefix: string, index: KernelIndex): Generator<Candidate> {
  yield* index.values(prefix);
  yield* index.typedefs(prefix);
}

function declared(label: string, binding: Binding): Candidate {
  switch (binding.kind) {
    case 'variable':
      return { label, kind: 'local', detail: () => typeToC(binding.variable.type) };
    case 'extern':
      return { label, kind: 'local', detail: () => typeToC(binding.type) };
    case 'function':
      return { label, kind: 'local', detail: () => prototypeToC(label, binding.callee.type) };
    case 'type':
      return { label, kind: 'type', detail: () => typeToC(binding.type) };
    case 'enumerator':
      return { label, kind: 'enumerator', detail: () => `${binding.value}` };
  }
}

/** What is declared in the program is meant more often than anything of the kernel. */
function inProgram(candidate: Candidate): Ranked {
  return { ...candidate, group: 0, order: candidate.label.length };
}

const KINDS: readonly Candidate['kind'][] = [
  'builtin',
  'keyword',
  'function',
  'type',
  'variable',
  'enumerator',
];

/** Of names that fit alike the shorter ones are meant more often. */
function byKind(candidate: Candidate): Ranked {
  return { ...candidate, group: 1 + KINDS.indexOf(candidate.kind), order: candidate.label.length };
}
